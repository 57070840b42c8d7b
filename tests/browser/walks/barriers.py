"""What shuts somebody out of a page, as far as axe knows it, by width and scheme.

Colours are the longest to compare: what looks as it did elsewhere is not asked again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from axe_playwright_python.base import AXE_SCRIPT

if TYPE_CHECKING:
    from playwright.sync_api import Page

WIDTHS = (320, 390, 1280)
SCHEMES = ("light", "dark")

# What width and scheme can change; everything else is the same page. The size of
# nothing changes with the scheme.
_SIZES = ["target-size"]
_COLOURS = ["color-contrast", "link-in-text-block"]
LOOKS: tuple[tuple[str, int, list[str] | None, list[str]], ...] = (
    ("light", 320, None, []),
    ("light", 390, _SIZES, []),
    ("light", 1280, _SIZES, _COLOURS),
    ("dark", 1280, _COLOURS, []),
    ("dark", 320, [], _COLOURS),
)
"""Scheme, width in pixels, the rules that hold there, None being all of them; and those
that are asked of what looks otherwise than it did in the scheme's other width."""

NEWLY = """(scheme) => {
    const known = ((window.looks ??= {})[scheme] ??= new WeakMap());
    window.newly = [...document.body.querySelectorAll("*")].filter((one) => {
        if (!one.checkVisibility({ visibilityProperty: true })) return false;
        const style = getComputedStyle(one);
        const box = one.getBoundingClientRect();
        const seen = box.width > 1 && box.height > 1 && box.right > 0;
        const size = parseFloat(style.fontSize);
        const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
        const look = [seen, large, style.color, style.backgroundColor,
            style.backgroundImage, style.opacity, style.clip, style.clipPath,
            style.textDecorationLine, style.position].join();
        if (known.get(one) === look) return false;
        known.set(one, look);
        return seen;
    });
    return window.newly.length;
}"""
"""Takes a scheme; how many elements look otherwise than when last asked in it."""

VIOLATIONS = """(rules) => axe.run({
    resultTypes: ["violations"], ...(rules && {runOnly: rules}),
}).then((found) => found.violations.map((one) => [one.id, one.nodes[0].html]))"""
"""Takes what axe takes as `runOnly`; gives each rule broken and where it first is."""

VIOLATIONS_NEWLY = VIOLATIONS.replace("axe.run({", "axe.run({ include: newly }, {")
"""The same, in the elements that `NEWLY` found."""

BUT_CONTRAST = VIOLATIONS.replace(
    "axe.run({", """axe.run({ rules: { "color-contrast": { enabled: false } },"""
)
"""The same as `VIOLATIONS`, except that no colours are compared."""

COLOURS_NEWLY = """(known) => {
    const found = new Set();
    const clear = "rgba(0, 0, 0, 0)";
    const grounds = new WeakMap();
    const ground = (one) => {
        if (!one) return "";
        if (!grounds.has(one)) {
            const style = getComputedStyle(one);
            const own = [style.backgroundColor, style.backgroundImage, style.opacity];
            const plain = own.join() === [clear, "none", "1"].join();
            grounds.set(one, (plain ? "" : own) + ground(one.parentElement));
        }
        return grounds.get(one);
    };
    window.newly = [...document.body.querySelectorAll("*")].filter((one) => {
        const says = one.matches("input, select, textarea") ||
            [...one.childNodes].some((part) => part.nodeType === 3 && part.data.trim());
        if (!says || !one.checkVisibility({ visibilityProperty: true })) return false;
        const style = getComputedStyle(one);
        const box = one.getBoundingClientRect();
        if (box.width <= 1 || box.height <= 1 || box.right <= 0
            || box.left >= innerWidth || style.clip !== "auto"
            || style.clipPath !== "none") return false;
        const around = one.matches("a") && getComputedStyle(one.parentElement).color;
        const look = [style.color, style.fontSize, style.fontWeight,
            style.textDecorationLine, style.textShadow, around, ground(one)].join();
        if (known.includes(look)) return false;
        found.add(look);
        return true;
    });
    return [...found];
}"""
"""Takes how words look, with the ground they stand on; gives how others look here."""

UNSEEN_WITHOUT_COLOURS = """() => {
    const shown = (one) => one.checkVisibility();
    const edge = (one, part, side) => {
        const style = getComputedStyle(one, part);
        const clear = style[`border-${side}-color`] === "rgba(0, 0, 0, 0)";
        return style[`border-${side}-style`] !== "none" && !clear;
    };
    const line = (wanted) => (one) =>
        getComputedStyle(one).textDecorationLine.includes(wanted);
    const ground = getComputedStyle(document.body).backgroundColor;
    const rules = [
        [".md-button", (one) => edge(one, null, "top")],
        [".redline-switch", (one) => edge(one, "::before", "top")],
        [":is(p, h2, h3, h4):is(.redline-added, .redline-removed, .redline-changed)",
            (one) => edge(one, null, "left")],
        [".redline ins:not(.redline-space)", line("underline")],
        [".redline del:not(.redline-space)", line("line-through")],
        [".policy-marked:not(tr)", (one) => edge(one, "::before", "left")],
        [".policy-facts, .policy-notice", (one) => edge(one, null, "left")],
        [".policy-contents summary",
            (one) => getComputedStyle(one, "::after").backgroundColor !== ground],
        [".masthead svg", (one) => getComputedStyle(one).fill !== ground],
    ];
    const wrong = [], met = [];
    for (const [wanted, holds] of rules) {
        for (const one of document.querySelectorAll(wanted)) {
            if (!shown(one)) continue;
            met.push(wanted);
            if (!holds(one)) wrong.push(one.outerHTML.slice(0, 200));
        }
    }
    return [wrong, [...new Set(met)].length];
}"""
"""What cannot be told from the rest in forced colours, and how many kinds were met."""


def barriers(page: Page) -> list[tuple[str, object]]:
    """What axe finds: WCAG 2.0 to 2.2, A and AA, and its best practices.

    At each width, light and dark; and what scrolls sideways there. 400 % zoom of a
    window of 1280 px is one of 320 px.
    """
    page.evaluate(AXE_SCRIPT)
    found: list[tuple[str, object]] = []
    for scheme, width, rules, rules_newly in LOOKS:
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.set_viewport_size({"width": width, "height": 800})
        where = f"{width} px, {scheme}"
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append((where, "scrolls sideways"))
        if rules is None or rules:
            found += [(where, one) for one in page.evaluate(VIOLATIONS, rules)]
        if rules == _SIZES and not rules_newly:
            continue
        if page.evaluate(NEWLY, scheme) and rules_newly:
            broken = page.evaluate(VIOLATIONS_NEWLY, rules_newly)
            found += [(where, one) for one in broken]
    return found
