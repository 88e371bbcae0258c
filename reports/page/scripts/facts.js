// Names and figures, as the card shows them and as they are read aloud.
function factList(facts) {
  const rows = facts.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value)));
  return make("dl", {}, rows);
}

function factsContent(title, facts) {
  return [make("div", { class: "words" }, make("h4", {}, title), factList(facts))];
}

const factsLabel = (title, facts) => [title, ...facts.map((fact) => fact.join(" "))].join(", ");
