/* What a page does beyond being read: colours by choice, contents that follow.
   It stands in the place of the theme's own script, of which no page needs the rest:
   35 KB that a phone unpacks and runs before it answers to a finger. It takes no key,
   and without it every page can be read and left all the same. */

"use strict";

const KEY = "__palette"; // the theme's own name, read by its first lines in the page
const NAMES = {
  auto: "Colours of this device",
  default: "Light colours",
  slate: "Dark colours",
};
const PARTS = ["media", "scheme", "primary", "accent"];

const options = [...document.querySelectorAll("[data-md-component=palette] input")];

function colourOf(option) {
  const values = PARTS.map((part) => [part, option.getAttribute(`data-md-color-${part}`)]);
  return Object.fromEntries(values);
}

function offerNext() {
  for (const option of options) {
    option.nextElementSibling.hidden = !option.checked;
  }
}

function keep(option) {
  offerNext();
  const color = colourOf(option);
  for (const part of PARTS) {
    document.body.setAttribute(`data-md-color-${part}`, color[part]);
  }
  if (color.scheme === "auto") {
    // Nothing kept is the device's choice, which may change by the hour.
    localStorage.removeItem(`${__md_scope.pathname}.${KEY}`);
  } else {
    __md_set(KEY, { index: options.indexOf(option), color });
  }
}

function offerColours() {
  const present = document.body.getAttribute("data-md-color-scheme");
  for (const option of options) {
    const { scheme } = colourOf(option);
    option.checked = scheme === present;
    option.setAttribute("aria-label", NAMES[scheme]);
    option.addEventListener("change", () => keep(option));
  }
  offerNext();
}

/* Contents that follow: the last heading above the upper third of the window. */

const links = [...document.querySelectorAll(".md-nav--secondary a[href^='#']")];
let waiting = false;

function follow() {
  waiting = false;
  const line = window.innerHeight / 3;
  let present = "";
  for (const { hash } of links) {
    const heading = document.getElementById(decodeURIComponent(hash.slice(1)));
    if (heading && heading.getBoundingClientRect().top < line) {
      present = hash;
    }
  }
  for (const link of links) {
    link.classList.toggle("md-nav__link--active", link.hash === present);
  }
}

function followSoon() {
  if (!waiting) {
    waiting = true;
    requestAnimationFrame(follow);
  }
}

/* The menu goes away when something else is wanted. */

const menu = document.querySelector(".menu");

function closeMenu() {
  menu.open = false;
}

addEventListener("keydown", ({ key }) => {
  if (key === "Escape" && menu.open) {
    closeMenu();
    menu.firstElementChild.focus();
  }
});
addEventListener("click", ({ target }) => {
  if (!menu.contains(target) || target.closest("a")) {
    closeMenu();
  }
});
menu.addEventListener("focusout", ({ relatedTarget }) => {
  if (relatedTarget && !menu.contains(relatedTarget)) {
    closeMenu();
  }
});

offerColours();
if (links.length > 0) {
  addEventListener("scroll", followSoon, { passive: true });
  followSoon();
}
