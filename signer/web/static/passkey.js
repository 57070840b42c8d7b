// Passkeys: a form whose button asks the browser for one, and sends what it answers.
// Browsers give passkeys to scripts alone, so the form is hidden without this one.
"use strict";

(() => {
  if (!window.PublicKeyCredential || !window.isSecureContext) return;

  const bytes = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) =>
      one.charCodeAt(0),
    );

  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replaceAll("=", "");

  const asked = (options) => {
    options.challenge = bytes(options.challenge);
    if (options.user) options.user.id = bytes(options.user.id);
    for (const one of options.excludeCredentials ?? []) one.id = bytes(one.id);
    return options;
  };

  const answered = (credential) => {
    const response = {};
    for (const name of [
      "clientDataJSON",
      "attestationObject",
      "authenticatorData",
      "signature",
      "userHandle",
    ])
      if (credential.response[name]) response[name] = text(credential.response[name]);
    const { id, type } = credential;
    return JSON.stringify({ id, rawId: text(credential.rawId), type, response });
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const told = form.querySelector("[role=status]");
    const button = form.querySelector("button");
    const makes = "makes" in form.dataset;
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      button.disabled = true;
      told.textContent = "Your browser asks you now.";
      try {
        const answer = await fetch(form.dataset.passkey, { cache: "no-store" });
        if (!answer.ok || answer.redirected) throw new Error("no options");
        const publicKey = asked(await answer.json());
        const credential = makes
          ? await navigator.credentials.create({ publicKey })
          : await navigator.credentials.get({ publicKey });
        form.elements.answer.value = answered(credential);
        told.textContent = "";
        form.submit();
      } catch (error) {
        told.textContent =
          error.name === "InvalidStateError"
            ? "This device has a passkey of yours already."
            : error.name === "NotAllowedError"
              ? "Nothing was done: it was called off, or took too long."
              : "It did not work. Load the page again, or use a link by email.";
      } finally {
        button.disabled = false;
      }
    });
  }
})();
