// Tables and theme work without the data; the picture comes when it is unpacked.

let explorer = null;
startTheme(() => explorer && explorer.draw());
startTables();
readData().then((data) => {
  document.getElementById("explorer").hidden = false;
  explorer = new Explorer(new Tree(data));
  performance.measure("opening");
  document.documentElement.dataset.ready = "yes";
}).catch((error) => {
  const trouble = document.getElementById("trouble");
  trouble.textContent = `This browser cannot draw the picture (${error.message}).`
    + " The tables below do without it.";
  trouble.hidden = false;
});
