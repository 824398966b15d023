/**
 * The board in the browser: two live queries, and an editor whose writes show at once.
 *
 * @module
 */
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { createClient, type LiveQuery, SyncError } from "@rex/orm/client";

/** Only the types of the models come here. */
type Models = typeof import("../models.ts");

const client = createClient<Models>("/live");

/** How many posts a list shows. */
const LENGTH = 12;

/** A post with its author, as both lists show it. */
type Card = ReturnType<typeof posts> extends LiveQuery<infer Row> ? Row : never;

function posts(published: boolean, search: string, authorId: number | undefined) {
  return client.live("Post", {
    where: {
      published,
      ...search && { title: { contains: search } },
      ...authorId !== undefined && { authorId },
    },
    include: { author: true },
    orderBy: { id: "desc" },
    limit: LENGTH,
  });
}

function element<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

const search = element<HTMLInputElement>("search");
const author = element<HTMLSelectElement>("author");
const editor = element<HTMLDialogElement>("editor");
const title = element<HTMLInputElement>("title");
const body = element<HTMLTextAreaElement>("body");
const refused = element("refused");

const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

let lists: LiveQuery<Card>[] = [];
/** The post in the editor; none: a new one. */
let edited: Card | undefined;

/** Follows what the filters ask for now, and lets go of what they asked for before. */
function follow(): void {
  for (const list of lists) list.close();
  const authorId = author.value === "" ? undefined : Number(author.value);
  lists = (["drafts", "published"] as const).map((name) => {
    const list = posts(name === "published", search.value, authorId);
    let shown: readonly Card[] = [];
    list.subscribe((rows) => {
      show(name, rows, shown);
      shown = rows;
    });
    return list;
  });
}

function show(name: string, rows: readonly Card[], before: readonly Card[]): void {
  element(`${name}-count`).textContent = rows.length < LENGTH
    ? String(rows.length)
    : `the newest ${LENGTH}`;
  const old = new Set(before);
  element(name).replaceChildren(...rows.map((post) => {
    const item = document.createElement("li");
    item.dataset.id = String(post.id);
    item.classList.toggle("pending", client.isPending(post));
    item.classList.toggle("changed", before.length > 0 && !old.has(post));
    const button = document.createElement("button");
    const small = document.createElement("small");
    small.textContent = `${post.author?.name ?? ""} · ${moment.format(post.updatedAt)}`;
    button.append(post.title, small);
    button.onclick = () => edit(post);
    item.append(button);
    return item;
  }));
}

function edit(post: Card | undefined): void {
  edited = post;
  title.value = post?.title ?? "";
  body.value = post?.body ?? "";
  refused.textContent = "";
  element("remove").hidden = post === undefined;
  element("publish").hidden = post === undefined;
  element("publish").textContent = post?.published ? "Back to the drafts" : "Publish";
  editor.showModal();
}

/** Closes the editor at once; opens it again when the server refuses. */
async function write(work: () => Promise<unknown>): Promise<void> {
  editor.close();
  try {
    await work();
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    const issues = error.issues?.map(({ message }) => message).join("; ");
    refused.textContent = issues || error.message;
    editor.showModal();
  }
}

search.oninput = follow;
author.onchange = follow;
element("filters").onsubmit = (event) => event.preventDefault();
element("new").onclick = () => edit(undefined);
element("cancel").onclick = () => editor.close();
element("remove").onclick = () => write(() => client.delete("Post", edited!.id));
element("publish").onclick = () =>
  write(() => client.update("Post", edited!.id, { published: !edited!.published }));
editor.querySelector("form")!.onsubmit = (event) => {
  event.preventDefault();
  const values = { title: title.value, body: body.value };
  const authorId = Number(author.value || author.options[1]?.value);
  write(() =>
    edited
      ? client.update("Post", edited.id, values)
      : client.create("Post", { ...values, authorId })
  );
};

client.on("state", (state) => {
  element("state").textContent = state;
  element("state").className = state;
  if (state !== "live") element("notice").textContent = "";
});
client.on("reset", ({ reason }) => {
  element("notice").textContent = `Read anew, since changes were missed: ${reason}.`;
});

client.live("User", { select: ["id", "name"], orderBy: { name: "asc" }, limit: 200 })
  .subscribe((users) => {
    const { value } = author;
    const options = users.map(({ id, name }) => new Option(name, String(id)));
    author.replaceChildren(new Option("Every author", ""), ...options);
    author.value = value;
  });
fetch("/shell").then(async (answer) => element("shell").textContent = await answer.text());
follow();
