/**
 * The Chinook music store. Its tables are called differently in each of its databases (`InvoiceLine.UnitPrice`
 * in SQLite, `invoice_line.unit_price` in PostgreSQL), so the classes are made for a naming strategy: one
 * declaration, and everything that is written against it, serves both.
 *
 * @module
 */
import {
  BaseModel,
  Column,
  Entity,
  type Generated,
  ManyToMany,
  ManyToOne,
  type NamingStrategy,
  OneToMany,
  PrimaryKey,
  snakeCase,
} from "@rex/orm";

/** `invoice_line.unit_price`: the names of the PostgreSQL edition. */
export const singularSnakeCase: NamingStrategy = { ...snakeCase, table: snakeCase.column };

/** `InvoiceLine.UnitPrice`: the names of the SQLite edition. */
export const pascalCase: NamingStrategy = {
  table: capitalize,
  column: capitalize,
  joinTable: (a, b) => a + b,
  foreignKey: (_relation, key) => capitalize(key),
};

function capitalize(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** The store's classes, for one way of naming. */
export type Store = ReturnType<typeof storeModels>;

/** Declares the store's classes. Call it once for each way of naming. */
export function storeModels(naming: NamingStrategy) {
  @Entity({ naming })
  class Artist extends BaseModel {
    @PrimaryKey()
    artistId!: Generated<number>;
    @Column({ type: "varchar", length: 120, nullable: true })
    name!: string | null;
    @OneToMany(() => Album, (album) => album.artist)
    albums!: Album[];
  }

  @Entity({ naming })
  class Album extends BaseModel {
    @PrimaryKey()
    albumId!: Generated<number>;
    @Column({ type: "varchar", length: 160 })
    title!: string;
    @Column({ type: "integer" })
    artistId!: number;
    @ManyToOne(() => Artist, (artist) => artist.albums)
    artist!: Artist;
    @OneToMany(() => Track, (track) => track.album)
    tracks!: Track[];
  }

  @Entity({ naming })
  class Genre extends BaseModel {
    @PrimaryKey()
    genreId!: Generated<number>;
    @Column({ type: "varchar", length: 120, nullable: true })
    name!: string | null;
    @OneToMany(() => Track, (track) => track.genre)
    tracks!: Track[];
  }

  @Entity({ naming })
  class MediaType extends BaseModel {
    @PrimaryKey()
    mediaTypeId!: Generated<number>;
    @Column({ type: "varchar", length: 120, nullable: true })
    name!: string | null;
  }

  @Entity({ naming })
  class Track extends BaseModel {
    @PrimaryKey()
    trackId!: Generated<number>;
    @Column({ type: "varchar", length: 200 })
    name!: string;
    @Column({ type: "integer", nullable: true })
    albumId!: number | null;
    @Column({ type: "integer" })
    mediaTypeId!: number;
    @Column({ type: "integer", nullable: true })
    genreId!: number | null;
    @Column({ type: "varchar", length: 220, nullable: true })
    composer!: string | null;
    @Column({ type: "integer" })
    milliseconds!: number;
    @Column({ type: "integer", nullable: true })
    bytes!: number | null;
    @Column({ type: "numeric", precision: 10, scale: 2 })
    unitPrice!: string;
    @ManyToOne(() => Album, (album) => album.tracks, { nullable: true })
    album!: Album | null;
    @ManyToOne(() => Genre, (genre) => genre.tracks, { nullable: true })
    genre!: Genre | null;
    @ManyToOne(() => MediaType)
    mediaType!: MediaType;
    @OneToMany(() => InvoiceLine, (line) => line.track)
    invoiceLines!: InvoiceLine[];
    @ManyToMany(() => Playlist, (playlist) => playlist.tracks)
    playlists!: Playlist[];
  }

  @Entity({ naming })
  class Playlist extends BaseModel {
    @PrimaryKey()
    playlistId!: Generated<number>;
    @Column({ type: "varchar", length: 120, nullable: true })
    name!: string | null;
    @ManyToMany(() => Track, (track) => track.playlists, {
      through: {
        table: naming.table("PlaylistTrack"),
        local: naming.column("playlistId"),
        foreign: naming.column("trackId"),
      },
    })
    tracks!: Track[];
  }

  @Entity({ naming })
  class Employee extends BaseModel {
    @PrimaryKey()
    employeeId!: Generated<number>;
    @Column({ type: "varchar", length: 20 })
    lastName!: string;
    @Column({ type: "varchar", length: 20 })
    firstName!: string;
    @Column({ type: "varchar", length: 30, nullable: true })
    title!: string | null;
    @Column({ type: "integer", nullable: true })
    reportsTo!: number | null;
    @Column({ type: "timestamp", nullable: true })
    hireDate!: Date | null;
    @ManyToOne(() => Employee, (manager) => manager.reports, {
      nullable: true,
      foreignKey: "reportsTo",
    })
    manager!: Employee | null;
    @OneToMany(() => Employee, (employee) => employee.manager)
    reports!: Employee[];
    @OneToMany(() => Customer, (customer) => customer.supportRep)
    customers!: Customer[];
  }

  @Entity({ naming })
  class Customer extends BaseModel {
    @PrimaryKey()
    customerId!: Generated<number>;
    @Column({ type: "varchar", length: 40 })
    firstName!: string;
    @Column({ type: "varchar", length: 20 })
    lastName!: string;
    @Column({ type: "varchar", length: 40, nullable: true })
    country!: string | null;
    @Column({ type: "varchar", length: 60 })
    email!: string;
    @Column({ type: "integer", nullable: true })
    supportRepId!: number | null;
    @ManyToOne(() => Employee, (employee) => employee.customers, { nullable: true })
    supportRep!: Employee | null;
    @OneToMany(() => Invoice, (invoice) => invoice.customer)
    invoices!: Invoice[];
  }

  @Entity({ naming })
  class Invoice extends BaseModel {
    @PrimaryKey()
    invoiceId!: Generated<number>;
    @Column({ type: "integer" })
    customerId!: number;
    @Column({ type: "timestamp" })
    invoiceDate!: Date;
    @Column({ type: "varchar", length: 40, nullable: true })
    billingCountry!: string | null;
    @Column({ type: "numeric", precision: 10, scale: 2 })
    total!: string;
    @ManyToOne(() => Customer, (customer) => customer.invoices)
    customer!: Customer;
    @OneToMany(() => InvoiceLine, (line) => line.invoice)
    lines!: InvoiceLine[];
  }

  @Entity({ naming })
  class InvoiceLine extends BaseModel {
    @PrimaryKey()
    invoiceLineId!: Generated<number>;
    @Column({ type: "integer" })
    invoiceId!: number;
    @Column({ type: "integer" })
    trackId!: number;
    @Column({ type: "numeric", precision: 10, scale: 2 })
    unitPrice!: string;
    @Column({ type: "integer" })
    quantity!: number;
    @ManyToOne(() => Invoice, (invoice) => invoice.lines)
    invoice!: Invoice;
    @ManyToOne(() => Track, (track) => track.invoiceLines)
    track!: Track;
  }

  return {
    Artist,
    Album,
    Genre,
    MediaType,
    Track,
    Playlist,
    Employee,
    Customer,
    Invoice,
    InvoiceLine,
  };
}
