// What the page asks of the server; the same addresses are there for every program.

export async function models() {
  return (await ask("models")).json();
}

// A file of the page's own.
export async function file(address) {
  return (await ask(address)).blob();
}

// A picture as a browser can show it, and what the server says of it:
// {blob, width, height, format, ending, grey, notes}.
export async function preview(file, side) {
  const answer = await ask(`preview?side=${side}`, { method: "POST", body: form(file) });
  return { ...JSON.parse(answer.headers.get("X-Picture")), blob: await answer.blob() };
}

export async function colorize(file, asked, signal) {
  return (await ask(`colorize?${asked.query}`, { method: "POST", body: form(file, asked.reference), signal })).blob();
}

// [{colour, chance}], likeliest first.
export async function likely(file, asked, x, y, signal) {
  const address = `likely?x=${x}&y=${y}&${asked.query}`;
  const answer = await ask(address, { method: "POST", body: form(file, asked.reference), signal });
  return (await answer.json()).colours;
}

function form(file, reference) {
  const form = new FormData();
  form.append("picture", file, file.name ?? "picture.jpg");
  if (reference) form.append("reference", reference, "reference.jpg");
  return form;
}

// What an address answers. An Error that it throws is `temporary` where the same may succeed later.
async function ask(address, options) {
  const answer = await fetch(address, options).catch((error) => {
    if (error.name === "AbortError") throw error;
    throw temporary("the server does not answer; see whether it still runs");
  });
  if (answer.ok) return answer;
  const { error } = await answer.json().catch(() => ({ error: `the server answered ${answer.status}` }));
  throw answer.status === 503 ? temporary(error) : new Error(error);
}

const temporary = (message) => Object.assign(new Error(message), { temporary: true });
