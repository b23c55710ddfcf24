// What the page asks of the server; the same addresses are there for every program.

export async function models() {
  return (await answered(await fetch("models"))).json();
}

// A picture as a browser can show it, and what the server says of it: {blob, width, height, format, ending, notes}.
export async function preview(file, side) {
  const answer = await answered(await fetch(`preview?side=${side}`, { method: "POST", body: form(file) }));
  return { ...JSON.parse(answer.headers.get("X-Picture")), blob: await answer.blob() };
}

export async function colorize(file, asked, signal) {
  return (await answered(await fetch(`colorize?${asked.query}`, { method: "POST", body: form(file, asked.reference), signal }))).blob();
}

// [{colour, chance}], likeliest first.
export async function likely(file, asked, x, y, signal) {
  const address = `likely?x=${x}&y=${y}&${asked.query}`;
  const answer = await answered(await fetch(address, { method: "POST", body: form(file, asked.reference), signal }));
  return (await answer.json()).colours;
}

function form(file, reference) {
  const form = new FormData();
  form.append("picture", file, file.name ?? "picture.jpg");
  if (reference) form.append("reference", reference);
  return form;
}

async function answered(answer) {
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => ({ error: `the server answered ${answer.status}` }));
  throw new Error(told.error);
}
