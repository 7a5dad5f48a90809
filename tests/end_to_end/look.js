// What of a page does not fit its window, its sliders of less than 60 px, and its texts of less than `least` px: {over, beyond,
// narrow, small}.
(least) => {
  const inside = [...document.querySelectorAll("*")].map(({ shadowRoot }) => shadowRoot).filter(Boolean);
  const hidden = (node) => {
    for (let each = node; each; each = each.parentElement)
      if (getComputedStyle(each).clipPath.startsWith("inset(50%")) return true; // for screen readers alone
    return !node.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  };
  const small = {};
  for (const root of [document.body, ...inside]) {
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      const node = text.parentElement;
      if (!node || !text.textContent.trim()) continue;
      if (node.closest("style, script, title, .katex, [data-testid=stIconMaterial]")) continue; // a formula's indices
      const range = document.createRange();
      range.selectNodeContents(text);
      const box = range.getBoundingClientRect();
      if (box.width < 2 || box.height < 2 || hidden(node)) continue;
      const matrix = node.ownerSVGElement && node.getScreenCTM();
      const scale = matrix ? Math.hypot(matrix.a, matrix.b) : 1;
      const size = Math.round(10 * scale * Number.parseFloat(getComputedStyle(node).fontSize)) / 10;
      if (size < least) (small[size] ??= []).push(text.textContent.trim().slice(0, 30));
    }
  }
  for (const [size, texts] of Object.entries(small)) small[size] = [...new Set(texts)].slice(0, 5);
  const main = document.querySelector(".stMain");
  const scrolls = (node) => {
    for (let each = node; each && each !== main; each = each.parentElement ?? each.getRootNode().host)
      if (each !== node && ["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(each).overflowX)) return true;
    return false;
  };
  const all = [...main.querySelectorAll("*"), ...inside.flatMap((root) => [...root.querySelectorAll("*")])];
  const beyond = all.find((node) => {
    const box = node.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && box.right > innerWidth + 1 && !hidden(node) && !scrolls(node);
  });
  const sliders = all.filter((node) => node.matches("input[type=range]") && node.offsetHeight && !hidden(node));
  return {
    narrow: sliders.filter((node) => node.offsetWidth < 60).map((node) => node.ariaLabel),
    over: main.scrollWidth - main.clientWidth,
    beyond: beyond ? `${beyond.tagName} ${beyond.getAttribute("class") ?? ""}` : "",
    small,
  };
};
