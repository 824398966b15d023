/**
 * Ten questions to the store, each answered through the models. Written once, they run on both databases.
 *
 * @module
 */
import { type Database, type Expression, fn, sql } from "@rex/orm";
import type { Store } from "./models.ts";

/** One line of an answer: numbers are counts, money is exact decimal text. */
export type Line = readonly (string | number | null)[];

/** A question about the store. */
export interface Question {
  /** What is asked. */
  readonly text: string;
  /** What the columns of an answer are. */
  readonly columns: readonly string[];
  /** Asks a database, through the classes that fit its names. */
  ask(db: Database, models: Store): Promise<Line[]>;
}

const bestCustomers: Question = {
  text: "Who are our ten best customers?",
  columns: ["customer", "country", "invoices", "spent"],
  async ask(db, { Customer, Invoice }) {
    const rows = await db.query(Customer)
      .innerJoin(Invoice, "i", (c) => c.i.customerId.eq(c.customerId))
      .select("firstName", "lastName", "country")
      .select((c) => ({ invoices: fn.count(), spent: fn.sum(c.i.total) }))
      .groupBy("customerId", "firstName", "lastName", "country")
      .orderBy("spent", "desc").orderBy("customerId").limit(10)
      .execute();
    return rows.map((row) => [fullName(row), row.country, row.invoices, row.spent]);
  },
};

const revenueByGenreAndYear: Question = {
  text: "What did each genre earn each year?",
  columns: ["genre", "year", "tracks", "revenue"],
  async ask(db, { InvoiceLine, Invoice, Track, Genre }) {
    const sold = db.query(InvoiceLine)
      .innerJoin(Invoice, "i", (c) => c.i.invoiceId.eq(c.invoiceId))
      .innerJoin(Track, "t", (c) => c.t.trackId.eq(c.trackId))
      .innerJoin(Genre, "g", (c) => c.g.genreId.eq(c.t.genreId))
      .select("quantity", "unitPrice")
      .select((c) => ({ genreId: c.g.genreId, genre: c.g.name, year: start(c.i.invoiceDate, 4) }));
    const rows = await db.query(sold, "sold")
      .select("genre", "year")
      .select((c) => ({
        tracks: fn.sum(c.quantity),
        revenue: fn.sum(c.unitPrice.times(c.quantity)),
      }))
      .groupBy("genreId", "genre", "year")
      .orderBy("genreId").orderBy("year")
      .execute();
    return rows.map((row) => [row.genre, row.year, row.tracks, row.revenue]);
  },
};

const grungePlaylist: Question = {
  text: "What is on the playlist Grunge?",
  columns: ["track", "album", "artist"],
  async ask(db, { Playlist }) {
    const { tracks } = await db.repository(Playlist).findOneOrThrow({
      where: { name: "Grunge" },
      include: {
        tracks: { include: { album: { include: { artist: true } } }, orderBy: { trackId: "asc" } },
      },
    });
    return tracks.map((
      { name, album },
    ) => [name, album?.title ?? null, album?.artist.name ?? null]);
  },
};

const topArtists: Question = {
  text: "Which ten artists sell most tracks?",
  columns: ["artist", "tracks sold", "revenue"],
  async ask(db, { Artist, Album, Track, InvoiceLine }) {
    const rows = await db.query(Artist)
      .innerJoin(Album, "a", (c) => c.a.artistId.eq(c.artistId))
      .innerJoin(Track, "t", (c) => c.t.albumId.eq(c.a.albumId))
      .innerJoin(InvoiceLine, "l", (c) => c.l.trackId.eq(c.t.trackId))
      .select("name")
      .select((c) => ({
        tracks: fn.sum(c.l.quantity),
        revenue: fn.sum(c.l.unitPrice.times(c.l.quantity)),
      }))
      .groupBy("artistId", "name")
      .orderBy("tracks", "desc").orderBy("artistId").limit(10)
      .execute();
    return rows.map((row) => [row.name, row.tracks, row.revenue]);
  },
};

const staff: Question = {
  text: "Who works for whom, and supports how many customers?",
  columns: ["employee", "title", "manager", "customers"],
  async ask(db, { Employee }) {
    const employees = await db.repository(Employee).find({
      include: { manager: true, _count: { customers: true } },
      orderBy: { employeeId: "asc" },
    });
    return employees.map((each) => [
      fullName(each),
      each.title,
      each.manager && fullName(each.manager),
      each._count.customers,
    ]);
  },
};

const longestTracks: Question = {
  text: "Which are the two longest tracks of each genre?",
  columns: ["genre", "place", "track", "seconds"],
  async ask(db, { Track, Genre }) {
    const ranked = db.query(Track)
      .innerJoin(Genre, "g", (c) => c.g.genreId.eq(c.genreId))
      .select("name", "milliseconds", "genreId")
      .select((c) => ({
        genre: c.g.name,
        place: fn.rowNumber().over((window) =>
          window.partitionBy(c.genreId).orderBy(c.milliseconds, "desc").orderBy(c.trackId)
        ),
      }));
    const rows = await db.query(ranked, "ranked")
      .where("place", "<=", 2)
      .orderBy("genreId").orderBy("place")
      .execute();
    return rows.map((row) => [row.genre, row.place, row.name, Math.round(row.milliseconds / 1000)]);
  },
};

const classicalWithoutJazz: Question = {
  text: "Who bought Classical, but never Jazz?",
  columns: ["customer", "email"],
  async ask(db, { Customer }) {
    const bought = (name: string) => ({ lines: { some: { track: { genre: { name } } } } });
    const customers = await db.repository(Customer).find({
      where: { invoices: { some: bought("Classical"), none: bought("Jazz") } },
      select: ["firstName", "lastName", "email"],
      orderBy: { customerId: "asc" },
    });
    return customers.map((each) => [fullName(each), each.email]);
  },
};

const averageInvoices: Question = {
  text: "How large is an average invoice, in countries with at least four customers?",
  columns: ["country", "customers", "invoices", "average"],
  async ask(db, { Customer, Invoice }) {
    const rows = await db.query(Customer)
      .innerJoin(Invoice, "i", (c) => c.i.customerId.eq(c.customerId))
      .select("country")
      .select((c) => ({
        customers: fn.count(c.customerId).distinct(),
        invoices: fn.count(),
        average: fn.avg(c.i.total),
      }))
      .groupBy("country")
      .having((c) => fn.count(c.customerId).distinct().gte(4))
      .orderBy("invoices", "desc").orderBy((c) => fn.min(c.customerId))
      .execute();
    return rows.map((row) => [
      row.country,
      row.customers,
      row.invoices,
      row.average?.toFixed(2) ?? null,
    ]);
  },
};

const neverSold: Question = {
  text: "Which tracks did nobody ever buy?",
  columns: ["track", "album", "artist"],
  async ask(db, { Track }) {
    const tracks = await db.repository(Track).find({
      where: { invoiceLines: { none: {} } },
      select: ["name"],
      include: { album: { select: ["title"], include: { artist: { select: ["name"] } } } },
      orderBy: { trackId: "asc" },
    });
    return tracks.map((
      { name, album },
    ) => [name, album?.title ?? null, album?.artist.name ?? null]);
  },
};

const monthlyRevenue: Question = {
  text: "How does revenue grow, month by month?",
  columns: ["month", "revenue", "so far"],
  async ask(db, { Invoice }) {
    const invoices = db.query(Invoice)
      .select("total")
      .select((c) => ({ month: start(c.invoiceDate, 7) }));
    const months = db.query(invoices, "invoices")
      .select("month")
      .select((c) => ({ revenue: fn.sum(c.total) }))
      .groupBy("month");
    const rows = await db.query(months, "months")
      .selectAll()
      .select((c) => ({ soFar: fn.sum(c.revenue).over((window) => window.orderBy(c.month)) }))
      .orderBy("month")
      .execute();
    return rows.map((row) => [row.month, row.revenue, row.soFar]);
  },
};

/** The first characters of a time as text: `2021`, `2021-03`. No two databases have one function for it. */
function start(time: Expression<Date>, length: 4 | 7): Expression<string> {
  return sql<string>`substr(cast(${time} as text), 1, ${sql.raw(String(length))})`;
}

function fullName({ firstName, lastName }: { firstName: string; lastName: string }): string {
  return `${firstName} ${lastName}`;
}

/** The ten questions. */
export const questions = {
  bestCustomers,
  revenueByGenreAndYear,
  grungePlaylist,
  topArtists,
  staff,
  longestTracks,
  classicalWithoutJazz,
  averageInvoices,
  neverSold,
  monthlyRevenue,
} as const;
