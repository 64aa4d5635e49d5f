// <feedserver-feed feed="NAME" query="q=..." layout theme accent count>: a feed as part of any page, and frames that have
// the height of what is in them. It asks nobody but the server that it comes from. See docs/embedding.md.
(() => {
  "use strict";
  const script = document.currentScript || document.querySelector('script[src*="/embed.js"]');
  const TAG = "feedserver-feed";
  if (!script || customElements.get(TAG)) return;
  const BASE = new URL(".", script.src).href;
  const STALE = 60_000; // milliseconds after which a page that is shown again asks again

  const STYLE = `
:host { display: block; color-scheme: light dark;
  --paper: light-dark(#fdfcfa, #1b1917); --ink: light-dark(#22201d, #ebe6df); --faint: light-dark(#6b655d, #a79f94);
  --line: light-dark(#e4dfd7, #38332d); --accent: light-dark(#a8430d, #f0935c); }
:host([hidden]) { display: none; }
:host([theme="light"]) { color-scheme: light; }
:host([theme="dark"]) { color-scheme: dark; }
.box { padding: .9rem 1rem; background: var(--paper); color: var(--ink); border: 1px solid var(--line);
  border-radius: .5rem; font: .9375rem/1.45 system-ui, sans-serif; overflow-wrap: anywhere; text-align: start; }
a { color: var(--accent); text-decoration-color: transparent; text-underline-offset: .15em; }
a:hover, a:focus-visible { text-decoration-color: currentColor; }
a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
p, ol { margin: 0; padding: 0; list-style: none; }
.name { padding-bottom: .5rem; border-bottom: 2px solid var(--accent); font-size: 1.0625rem; font-weight: 650; }
.name a { color: inherit; }
li { padding: .55rem 0; }
li + li { border-top: 1px solid var(--line); }
.title { font-weight: 550; }
.faint { font-size: .8125rem; color: var(--faint); }
.compact li { display: flex; flex-wrap: wrap; gap: 0 1rem; justify-content: space-between; border: 0; padding: .2rem 0; }
.compact .title { font-weight: 400; }
.compact .authors { display: none; }
.cards ol { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(15rem, 100%), 1fr)); gap: .75rem;
  margin-top: .75rem; }
.cards li { padding: .75rem .85rem; border: 1px solid var(--line); border-radius: .5rem; }`;

  // The rules of accent.py: towards black or white until the contrast is 4.5 (WCAG 2.2, 1.4.3).
  const luminance = (colour) =>
    colour
      .map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
      .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const contrast = (one, other) => {
    const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (lighter + 0.05) / (darker + 0.05);
  };
  const readable = (colour, paper, pole) => {
    let mixed = colour;
    for (let step = 1; contrast(mixed, paper) < 4.5; step++) {
      mixed = colour.map((part) => Math.floor((part * (20 - step) + pole * step) / 20));
    }
    return `rgb(${mixed})`;
  };
  const accentRule = (accent) => {
    if (!/^[0-9a-f]{6}$/i.test(accent)) return "";
    const colour = accent.match(/../g).map((part) => parseInt(part, 16));
    const both = [readable(colour, [253, 252, 250], 0), readable(colour, [27, 25, 23], 255)];
    return `:host { --accent: light-dark(${both}); }`;
  };

  const make = (name, attributes, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children); // texts become text nodes, never markup
    return element;
  };
  const link = (address, text) => {
    let url;
    try {
      url = new URL(address);
    } catch {
      return text;
    }
    if (url.protocol !== "http:" && url.protocol !== "https:") return text;
    return make("a", { href: url.href, target: "_blank", rel: "noopener" }, text);
  };
  const WORDS = {}; // by language, put in by embed_files.py from the texts of the pages
  const LANGUAGE = "en"; // where there is none of the page's
  const tagOf = (element) => {
    const found = element.closest("[lang]"), around = element.getRootNode().host;
    return found ? found.getAttribute("lang") : around ? tagOf(around) : "";
  };
  const spoken = (element) => {
    const asked = tagOf(element).split("-")[0].toLowerCase();
    const language = Object.hasOwn(WORDS, asked) ? asked : LANGUAGE;
    return { language, ...WORDS[language] };
  };
  const several = (forms, count, words, names) => {
    const given = { count: count.toLocaleString(words.language), names };
    return forms[count === 1 ? 0 : 1].replace(/{(\w+)}/g, (_, name) => given[name]);
  };

  const spellAuthors = (item, words) => {
    const names = (item.authors || []).map((author) => author.name);
    const all = item._feedserver?.author_count || names.length;
    return all <= 4 ? names.join(", ") : several(words.authors, all - 3, words, names.slice(0, 3).join(", "));
  };
  const entry = (item, words) => {
    const day = String(item.date_published || "").slice(0, 10);
    const facts = make("p", { class: "faint" }, make("time", { datetime: day }, day));
    const upvotes = item._feedserver?.upvotes;
    if (upvotes > 0) facts.append(` · ${several(words.upvotes, upvotes, words)}`);
    const title = make("p", { class: "title", part: "title" }, link(item.url, String(item.title)));
    const authors = spellAuthors(item, words);
    const named = authors ? [make("p", { class: "authors faint" }, authors)] : [];
    return make("li", { dir: "auto", part: "entry" }, title, ...named, facts);
  };
  const box = (feed, page, count, layout, words) => {
    const shown = feed.items.slice(0, count).map((item) => entry(item, words));
    const items = shown.length ? shown : [make("li", { class: "faint" }, words.empty)];
    const name = make("p", { class: "name", dir: "auto", part: "name" }, link(page, String(feed.title)));
    return make("div", { class: `box ${layout}`, part: "box" }, name, make("ol", { part: "entries" }, ...items));
  };

  class Feed extends HTMLElement {
    static observedAttributes = ["feed", "query", "layout", "accent", "count", "lang"];
    #root = this.attachShadow({ mode: "open" });
    #shown = ""; // what the server answered, as it is on the page
    #asked = 0;
    #going = null;

    connectedCallback() {
      document.addEventListener("visibilitychange", this);
      if (!this.#shown) this.#root.replaceChildren(make("slot", {}));
      this.#load();
    }

    disconnectedCallback() {
      document.removeEventListener("visibilitychange", this);
      this.#going?.abort();
    }

    attributeChangedCallback() {
      this.#shown = "";
      if (this.isConnected && this.#asked) this.#load();
    }

    handleEvent() {
      if (!document.hidden && Date.now() - this.#asked > STALE) this.#load();
    }

    #address(suffix, added) {
      const name = this.getAttribute("feed");
      const query = new URLSearchParams(this.getAttribute("query") || "");
      for (const [parameter, value] of Object.entries(added)) query.set(parameter, value);
      const path = name ? `feeds/${encodeURIComponent(name)}` : "feed";
      return `${BASE}${path}${suffix}${query.size ? `?${query}` : ""}`;
    }

    async #load() {
      this.#going?.abort();
      const going = (this.#going = new AbortController());
      this.#asked = Date.now();
      try {
        const answer = await fetch(this.#address(".json", { show: "none" }), { // texts are not shown here
          credentials: "omit",
          referrerPolicy: "no-referrer",
          signal: going.signal,
        });
        if (!answer.ok) throw new Error(`${answer.status}`);
        const text = await answer.text();
        if (text !== this.#shown) this.#show(JSON.parse(text));
        this.#shown = text;
      } catch {
        if (!going.signal.aborted && !this.#shown) this.#apologise();
      }
    }

    #show(feed) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE + accentRule(this.getAttribute("accent")));
      this.#root.adoptedStyleSheets = [sheet];
      const layout = this.getAttribute("layout");
      const count = Math.min(Math.max(parseInt(this.getAttribute("count"), 10) || 10, 1), 50);
      const shape = layout === "compact" || layout === "cards" ? layout : "list";
      this.#root.replaceChildren(box(feed, this.#address("", {}), count, shape, spoken(this)));
    }

    #apologise() {
      this.#root.adoptedStyleSheets = [];
      const words = make("small", { role: "status", part: "error" }, spoken(this).failed);
      this.#root.replaceChildren(make("slot", {}), " ", words);
    }
  }
  customElements.define(TAG, Feed);

  const frames = () => [...document.querySelectorAll("iframe")].filter((frame) => frame.src.startsWith(`${BASE}embed`));
  addEventListener("message", (event) => {
    const { type, height } = event.data ?? {};
    if (type !== "feedserver:height" || !(Number.isFinite(height) && height > 0 && height < 100_000)) return;
    for (const frame of frames()) if (frame.contentWindow === event.source) frame.height = Math.ceil(height);
  });
  for (const frame of frames()) frame.contentWindow?.postMessage({ type: "feedserver:tell" }, "*");
})();
