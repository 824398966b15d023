import assert from "node:assert/strict";
import { BaseModel, Column, Entity, type Generated, ManyToOne, OneToMany, Policies, PrimaryKey, Version } from "@rex/orm";
import { Validate } from "../../../model/mod.ts";
import { onEveryDatabase } from "../../../../tests/targets/databases.ts";
import type { Database } from "../../../database/database.ts";
import { realtime, type RealtimeOptions } from "./realtime.ts";
import { Client } from "./testdata/rig.ts";
