/** The page of posts in React, in strict mode, over a WebSocket. */
import { createElement, StrictMode, useState } from "react";
import { createRoot } from "npm:react-dom@19.3.1/client";
import { useLive } from "@rex/orm/client/react";
import { type Library, postsPage, root } from "./posts.ts";

const library = { h: createElement, useState, useLive } as unknown as Library;
const App = postsPage(library, "websocket");
createRoot(root()).render(createElement(StrictMode, null, createElement(App)));
