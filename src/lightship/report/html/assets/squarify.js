// Squarified treemaps: Bruls, Huizing and van Wijk, "Squarified Treemaps" (2000). Rows are filled
// along the shorter side for as long as the worst aspect ratio in them gets better.

const SMALLEST = 2;

function worst(smallest, largest, sum, side) {
  const square = side * side;
  return Math.max((square * largest) / (sum * sum), (sum * sum) / (square * smallest));
}

// `areas` are the largest first and fill the box; gives a box for each.
function squarify(areas, box) {
  const boxes = [];
  let { x, y, w, h } = box;
  let start = 0;
  while (start < areas.length) {
    const side = Math.min(w, h);
    if (side <= 0) break;
    let end = start + 1;
    let sum = areas[start];
    let ratio = worst(areas[start], areas[start], sum, side);
    while (end < areas.length) {
      const next = worst(areas[end], areas[start], sum + areas[end], side);
      if (next > ratio) break;
      ratio = next;
      sum += areas[end];
      end += 1;
    }
    const thickness = Math.min(sum / side, Math.max(w, h));
    let along = 0;
    for (let at = start; at < end; at += 1) {
      const length = areas[at] / (sum / side);
      boxes.push(w >= h
        ? { x, y: y + along, w: thickness, h: length }
        : { x: x + along, y, w: length, h: thickness });
      along += length;
    }
    if (w >= h) {
      x += thickness;
      w -= thickness;
    } else {
      y += thickness;
      h -= thickness;
    }
    start = end;
  }
  return boxes;
}

// Directories in a row, each the only one in the other, are one box: usr / share / nltk_data.
function endOfRow(tree, node, weight) {
  let at = node;
  for (;;) {
    const inside = tree.heaviest(at, weight);
    if (inside.length !== 1 || !tree.isBranch(inside[0])) return at;
    at = inside[0];
  }
}

// Every box to draw, a directory's before those in it.
function layOut(tree, root, weight, width, height) {
  const placed = [];
  const pending = [{ node: root, end: root, x: 0, y: 0, w: width, h: height, level: 0 }];
  while (pending.length) {
    const box = pending.pop();
    const hasHead = box.level > 0 && box.w > 48 && box.h > 34;
    const head = hasHead ? 18 : 0;
    const small = Math.min(box.w, box.h);
    const edge = box.level === 0 || small < 10 ? 0 : small < 60 ? 1 : 2;
    box.head = head;
    if (box.level > 0) placed.push(box);
    if (!tree.isBranch(box.end)) continue;
    const inner = {
      x: box.x + edge, y: box.y + (head || edge),
      w: box.w - 2 * edge, h: box.h - (head || edge) - edge,
    };
    const inside = tree.heaviest(box.end, weight);
    const weights = tree.weights[weight];
    const sum = inside.reduce((total, child) => total + weights[child], 0);
    if (!sum || inner.w < SMALLEST || inner.h < SMALLEST) {
      box.heaviest = inside.length ? inside[0] : null;
      continue;
    }
    const scale = (inner.w * inner.h) / sum;
    const boxes = squarify(inside.map((child) => weights[child] * scale), inner);
    boxes.forEach((place, at) => {
      if (place.w * place.h < 0.5) return;
      const node = inside[at];
      const end = tree.isBranch(node) ? endOfRow(tree, node, weight) : node;
      pending.push({ node, end, ...place, level: box.level + 1 });
    });
  }
  return placed;
}
