// The layers as one bar, oldest first; a press shows what is in one. And the legend of colours.

class Strip {
  constructor(tree, colours, actions) {
    this.tree = tree;
    this.colours = colours;
    this.told = document.getElementById("instruction");
    this.bar = document.getElementById("strip");
    this.buttons = tree.layers.map((layer, at) => {
      const button = make("button", { type: "button" }, String(at + 1));
      button.setAttribute("aria-label", `layer ${at + 1}: ${layer.instruction}`);
      button.addEventListener("click", () => actions.filter("layer", at + 1));
      button.addEventListener("pointerenter", () => this.tell(at));
      button.addEventListener("focus", () => this.tell(at));
      button.addEventListener("pointerleave", () => this.tell(this.chosen));
      button.addEventListener("blur", () => this.tell(this.chosen));
      return button;
    });
    this.bar.replaceChildren(...this.buttons);
    this.chosen = null;
  }

  weightOf(layer, weight) {
    if (weight === "visible") return layer.unpacked - layer.dead;
    return layer[weight];
  }

  tell(at) {
    if (at === null || at === undefined) {
      this.told.textContent = "Layers, oldest first: press one to see what is in it";
      return;
    }
    const layer = this.tree.layers[at];
    const size = sized(this.weightOf(layer, this.weight));
    const base = layer.base ? ", base image" : "";
    this.told.replaceChildren(
      make("strong", {}, `Layer ${at + 1}`), ` ${size} ${this.weight}${base}  `,
      make("code", {}, foreign(layer.instruction)));
  }

  draw(state) {
    this.weight = state.weight;
    const isFiltered = state.filter && state.filter.by === "layer";
    this.chosen = isFiltered ? state.filter.key - 1 : null;
    const whole = this.tree.layers.reduce((sum, one) => sum + this.weightOf(one, this.weight), 0);
    this.tree.layers.forEach((layer, at) => {
      const button = this.buttons[at];
      const part = whole ? this.weightOf(layer, this.weight) / whole : 0;
      button.style.flexGrow = String(part * 1000);
      button.classList.toggle("thin", part < 0.02);
      button.classList.toggle("base", Boolean(layer.base));
      button.setAttribute("aria-pressed", String(this.chosen === at));
      const colour = this.colours.groups.layer.colourOf.get(at + 1);
      button.style.background = state.colour === "layer" ? colour || OTHER : "";
      button.style.color = state.colour === "layer" ? "#14181d" : "";
    });
    this.tell(this.chosen);
  }
}

class Legend {
  constructor(colours, actions) {
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
    const hatched = this.swatch(OTHER);
    hatched.classList.add("hatched");
    items.push(make("li", {}, hatched, "dead: stored, and nobody can read it"));
    this.list.replaceChildren(...items);
  }

  swatch(colour) {
    const swatch = make("span", { class: "swatch" });
    swatch.style.background = colour;
    return swatch;
  }
}
