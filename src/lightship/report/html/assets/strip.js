// What the picture is made of as one bar: the layers of an image, oldest first, or who takes and who
// keeps out the files of a build context; a press shows what is in one. And the legend of colours.

class Strip {
  constructor(tree, colours, actions) {
    this.tree = tree;
    this.colours = colours;
    this.told = document.getElementById("instruction");
    this.bar = document.getElementById("strip");
    this.buttons = tree.segments.map((segment, at) => {
      const button = make("button", { type: "button" }, segment.label);
      const { title, text } = segment;
      button.setAttribute("aria-label", `${title[0].toLowerCase()}${title.slice(1)}: ${text}`);
      button.addEventListener("click", () => actions.filter(segment.by, segment.key));
      button.addEventListener("pointerenter", () => this.tell(at));
      button.addEventListener("focus", () => this.tell(at));
      button.addEventListener("pointerleave", () => this.tell(this.chosen));
      button.addEventListener("blur", () => this.tell(this.chosen));
      return button;
    });
    this.bar.replaceChildren(...this.buttons);
    this.chosen = null;
  }

  tell(at) {
    if (at === null || at === undefined) {
      this.told.textContent = this.tree.stripHint;
      return;
    }
    const segment = this.tree.segments[at];
    const size = sized(segment.weights[this.weight]);
    this.told.replaceChildren(
      make("strong", {}, segment.title), ` ${size} ${this.weight}${segment.note}  `,
      make("code", {}, foreign(segment.text)));
  }

  draw(state) {
    this.weight = state.weight;
    const { segments } = this.tree;
    const { filter } = state;
    const chosen = segments.findIndex((one) =>
      filter && one.by === filter.by && one.key === filter.key);
    this.chosen = chosen < 0 ? null : chosen;
    const whole = segments.reduce((sum, one) => sum + one.weights[this.weight], 0);
    segments.forEach((segment, at) => {
      const button = this.buttons[at];
      const part = whole ? segment.weights[this.weight] / whole : 0;
      button.style.flexGrow = String(part * 1000);
      button.classList.toggle("thin", part < 0.02);
      button.classList.toggle("base", segment.isBase);
      button.setAttribute("aria-pressed", String(this.chosen === at));
      const isColoured = state.colour === (segment.colourBy || segment.by);
      const key = segment.colourKey === undefined ? segment.key : segment.colourKey;
      const colour = isColoured ? this.colours.groups[state.colour].colourOf.get(key) || OTHER : "";
      button.style.background = colour;
      button.style.color = isColoured ? "#14181d" : "";
    });
    this.tell(this.chosen);
  }
}

class Legend {
  constructor(tree, colours, actions) {
    this.tree = tree;
    this.colours = colours;
    this.actions = actions;
    this.list = document.getElementById("legend");
  }

  draw(state) {
    const group = this.colours.groups[state.colour];
    const items = group.legend.map(({ key, bytes, title, colour }) => {
      const isChosen =
        state.filter && state.filter.by === state.colour && state.filter.key === key;
      const button = make("button", { type: "button", "aria-pressed": String(isChosen || false) },
        this.swatch(colour), foreign(title.length > 48 ? `${title.slice(0, 47)}…` : title),
        make("small", {}, sized(bytes)));
      button.addEventListener("click", () => this.actions.filter(state.colour, key));
      return make("li", {}, button);
    });
    if (group.others > 0) {
      items.push(make("li", {}, this.swatch(OTHER), counted(group.others, "other")));
    }
    if (this.tree.hatched) {
      const hatched = this.swatch(OTHER);
      hatched.classList.add("hatched");
      items.push(make("li", {}, hatched, this.tree.hatched));
    }
    this.list.replaceChildren(...items);
  }

  swatch(colour) {
    const swatch = make("span", { class: "swatch" });
    swatch.style.background = colour;
    return swatch;
  }
}
