// Comfort for whoever writes the draft: what they type is kept on the server every few
// seconds, what a release says of it is shown while they write, buttons set marks, and
// what is pasted from Word or a web page becomes Markdown.
// Without this script the form works as it is.
"use strict";

(() => {
  const form = document.getElementById("draft");
  const found = document.getElementById("found");
  const told = document.getElementById("kept");
  if (!form || !told) return;

  const KEEP_AFTER = 3000;
  const LOOK_EVERY = 20000;
  const body = document.getElementById("body");
  let typed = false;
  let sending = false;
  let leaving = false;
  let waiting = 0;
  let submitter = null;

  const say = (words) => {
    if (told.textContent !== words) told.textContent = words;
  };

  const send = (address) =>
    fetch(address, { method: "POST", body: new FormData(form), redirect: "manual" });

  const showFound = async () => {
    if (!found || found.contains(document.activeElement)) return;
    const answer = await send(form.dataset.found);
    if (answer.ok) found.innerHTML = await answer.text();
  };

  const keep = async () => {
    if (sending) return;
    sending = true;
    typed = false;
    try {
      const answer = await send(form.dataset.keep);
      if (answer.type === "opaqueredirect" || answer.status === 403) {
        say("You are signed out. Sign in in another tab, then go on here.");
        typed = true;
      } else if (answer.ok) {
        say((await answer.json()).words);
        await showFound();
      } else {
        say("Not kept yet. Save the draft to see why.");
      }
    } catch {
      typed = true;
      say("Not kept: there is no connection. Your words are still in this page.");
    } finally {
      sending = false;
      if (submitter) form.requestSubmit(submitter);
      else if (typed) later(LOOK_EVERY);
    }
  };

  const later = (after) => {
    clearTimeout(waiting);
    waiting = setTimeout(keep, after);
  };

  form.addEventListener("input", () => {
    typed = true;
    later(KEEP_AFTER);
  });
  form.addEventListener("submit", (event) => {
    leaving = true;
    clearTimeout(waiting);
    if (sending) {
      // What is kept must not arrive after what is saved.
      submitter = event.submitter;
      event.preventDefault();
    }
  });
  document.addEventListener("visibilitychange", () => {
    // The last moment at which a phone or a closing lid lets a page send anything.
    if (document.visibilityState === "hidden" && typed && !leaving) {
      // A beacon that does not fit is sent as long as the page is there.
      if (!navigator.sendBeacon(form.dataset.keep, new FormData(form))) keep();
    }
  });
  window.addEventListener("beforeunload", (event) => {
    if (typed && !leaving) event.preventDefault();
  });

  // The toolbar sets marks around what is selected, as if they were typed, so that the
  // browser's own "undo" takes them back.
  const put = (text) => {
    body.focus();
    if (!document.execCommand("insertText", false, text)) {
      body.setRangeText(text, body.selectionStart, body.selectionEnd, "end");
      body.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };
  const eachLine = (mark) => {
    const start = body.value.lastIndexOf("\n", body.selectionStart - 1) + 1;
    body.setSelectionRange(start, body.selectionEnd);
    const lines = body.value.slice(start, body.selectionEnd).split("\n");
    put(lines.map((line, at) => (line ? mark(at) + line : line)).join("\n"));
  };
  const around = (mark) =>
    put(mark + body.value.slice(body.selectionStart, body.selectionEnd) + mark);
  const marks = {
    heading: () => eachLine(() => "## "),
    bold: () => around("**"),
    italic: () => around("*"),
    points: () => eachLine(() => "- "),
    numbers: () => eachLine((at) => `${at + 1}. `),
    quote: () => eachLine(() => "> "),
    link: () => {
      const words = body.value.slice(body.selectionStart, body.selectionEnd);
      put(`[${words || "words"}](https://)`);
    },
  };
  // The server makes Markdown of what was copied with its looks. Without an answer the
  // words alone are pasted, as by a browser without this script.
  const LOOKS = /<(p|h[1-6]|li|table|blockquote|b|strong|i|em|a|br)[\s>]|font-weight/i;
  const MOST_PASTED = 4000000;
  const putApart = (markdown) => {
    const before = body.value.slice(0, body.selectionStart);
    const after = body.value.slice(body.selectionEnd);
    const gap = (edge, none) => (none ? "" : "\n".repeat(2 - Math.min(edge.length, 2)));
    put(
      gap(before.match(/\n*$/)[0], !before.trim()) +
        markdown.trimEnd() +
        gap(after.match(/^\n*/)[0], !after.trim()),
    );
  };
  const paste = async (html, plain) => {
    const sent = new FormData();
    sent.append("csrf_token", form.elements.csrf_token.value);
    sent.append("html", new Blob([html], { type: "text/html" }), "pasted.html");
    body.readOnly = true;
    let made = null;
    try {
      const answer = await fetch(form.dataset.paste, {
        method: "POST",
        body: sent,
        redirect: "manual",
      });
      if (answer.ok) made = await answer.json();
    } catch {
      // There is no connection.
    } finally {
      body.readOnly = false;
    }
    if (!made || !made.markdown.trim()) put(plain);
    else if (made.line) put(made.markdown.trimEnd());
    else putApart(made.markdown);
    if (made?.words) say(made.words);
  };
  body?.addEventListener("paste", (event) => {
    const copied = event.clipboardData;
    const html = copied.getData("text/html");
    // An editor of plain text gives its colours as HTML.
    const isSource = copied.types.includes("vscode-editor-data");
    if (!LOOKS.test(html) || isSource || html.length > MOST_PASTED || body.readOnly) {
      return;
    }
    event.preventDefault();
    paste(html, copied.getData("text/plain"));
  });

  const toolbar = document.getElementById("marks");
  if (toolbar && body) {
    toolbar.hidden = false;
    toolbar.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-mark]");
      if (button) marks[button.dataset.mark]();
    });
  }
})();
