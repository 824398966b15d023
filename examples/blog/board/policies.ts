/**
 * What everybody who opens the board may see and write.
 *
 * @module
 */
import { Policies } from "@rex/orm";
import { Post, User } from "../models.ts";

/** Posts can be read and written, but not who wrote them; of people only their names are shown. */
export const policies = new Policies()
  .allow(Post, {
    read: true,
    create: true,
    update: true,
    delete: true,
    writable: ["title", "body", "published", "authorId"],
  })
  .allow(User, { read: true, fields: ["id", "name"] });
