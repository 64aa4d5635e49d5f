// In a frame: tells the page around how high the content is, whenever that changes and when asked. See docs/embedding.md.
"use strict";

(() => {
  if (parent === window) return;
  const root = document.documentElement;
  const tell = () => {
    parent.postMessage({ type: "feedserver:height", height: Math.ceil(root.getBoundingClientRect().height) }, "*");
  };
  tell(); // an observer says nothing in a frame that is out of sight
  new ResizeObserver(tell).observe(root);
  addEventListener("message", (event) => {
    if (event.source === parent && event.data?.type === "feedserver:tell") tell();
  });
})();
