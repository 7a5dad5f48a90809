// The words on a page that stand out from their ground by less than WCAG asks, 4.5:1, or 3:1 where they are large: words in
// drawings, too. The ground is what elements around a text are filled with; pictures are not looked at.
() => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const known = new Map();
  // A colour of CSS as [r, g, b, opacity], each 0 to 1
  const read = (colour) => {
    if (!known.has(colour)) {
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = colour;
      pen.fillRect(0, 0, 1, 1);
      known.set(colour, [...pen.getImageData(0, 0, 1, 1).data].map((part) => part / 255));
    }
    return known.get(colour);
  };
  const over = (front, back) => front.slice(0, 3).map((part, k) => part * front[3] + back[k] * (1 - front[3]));
  const around = (node) => node.assignedSlot ?? node.parentElement ?? node.getRootNode().host;
  const outwards = (node) => (node ? [node, ...outwards(around(node))] : []);
  const light = (colour) => {
    const [r, g, b] = colour.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
  };
  const inside = [...document.querySelectorAll("*")].map(({ shadowRoot }) => shadowRoot).filter(Boolean);
  const found = [];
  let seen = 0;
  for (const root of [document.body, ...inside]) {
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      const node = text.parentElement;
      if (!node || !text.textContent.trim() || node.closest("style, script, title, noscript")) continue;
      if (node.closest(":disabled, [disabled], [aria-disabled=true]")) continue;
      if (!node.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
      const range = document.createRange();
      range.selectNodeContents(text);
      const box = range.getBoundingClientRect();
      const styles = outwards(node).map((each) => getComputedStyle(each));
      if (box.width < 2 || box.height < 2 || styles.some((each) => each.clipPath.startsWith("inset(50%"))) continue;
      const [own] = styles;
      // A slider of Streamlit has its number above its thumb, not on it.
      const thumb = node.closest("[data-testid=stSliderThumbValue]")?.parentElement;
      const fills = outwards(thumb?.parentElement ?? node).map((each) => read(getComputedStyle(each).backgroundColor));
      const ground = fills.reduceRight((back, front) => over(front, back), [1, 1, 1]);
      const [r, g, b, opacity] = read(node.ownerSVGElement ? own.fill : own.color);
      const pale = styles.reduce((product, each) => product * each.opacity, opacity);
      const both = [over([r, g, b, pale], ground), ground].map(light).sort((one, other) => other - one);
      const size = Number.parseFloat(own.fontSize);
      const isLarge = size >= 24 || (size >= 18.66 && own.fontWeight >= 700);
      seen += 1;
      const ratio = both[0] / both[1];
      if (ratio < (isLarge ? 3 : 4.5)) found.push(`${ratio.toFixed(2)}: ${text.textContent.trim().slice(0, 40)}`);
    }
  }
  return { seen, found };
};
