/** The page of posts in Preact, over server-sent events. */
import { h, render } from "preact";
import { useState } from "preact/hooks";
import { useLive } from "@rex/orm/client/preact";
import { type Library, postsPage, root } from "./posts.ts";

const App = postsPage({ h, useState, useLive } as unknown as Library, "sse");
render(h(App as never, null), root() as never);
