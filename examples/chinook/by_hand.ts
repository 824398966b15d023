/**
 * The same ten answers in SQL by hand, for each database in its own dialect. SQLite keeps money as floating-point
 * numbers, so there it is added up in whole cents.
 *
 * @module
 */
import type { questions } from "./questions.ts";

/** One statement for each question. Its columns are those of the answer. */
export type ByHand = Readonly<Record<keyof typeof questions, string>>;

const cents = (value: string): string => `CAST(ROUND(100 * ${value}) AS INTEGER)`;
const dollars = (sum: string): string => `printf('%d.%02d', (${sum}) / 100, (${sum}) % 100)`;

/** For the SQLite edition. */
export const sqliteByHand: ByHand = {
  bestCustomers: `
    SELECT c.FirstName || ' ' || c.LastName, c.Country, COUNT(*), ${
    dollars(`SUM(${cents("i.Total")})`)
  }
    FROM Customer c JOIN Invoice i ON i.CustomerId = c.CustomerId
    GROUP BY c.CustomerId ORDER BY SUM(${cents("i.Total")}) DESC, c.CustomerId LIMIT 10`,
  revenueByGenreAndYear: `
    SELECT g.Name, strftime('%Y', i.InvoiceDate), SUM(l.Quantity), ${
    dollars(`SUM(${cents("l.UnitPrice")} * l.Quantity)`)
  }
    FROM InvoiceLine l JOIN Invoice i ON i.InvoiceId = l.InvoiceId
    JOIN Track t ON t.TrackId = l.TrackId JOIN Genre g ON g.GenreId = t.GenreId
    GROUP BY g.GenreId, 2 ORDER BY g.GenreId, 2`,
  grungePlaylist: `
    SELECT t.Name AS track, al.Title, ar.Name AS artist FROM Playlist p
    JOIN PlaylistTrack pt ON pt.PlaylistId = p.PlaylistId JOIN Track t ON t.TrackId = pt.TrackId
    JOIN Album al ON al.AlbumId = t.AlbumId JOIN Artist ar ON ar.ArtistId = al.ArtistId
    WHERE p.Name = 'Grunge' ORDER BY t.TrackId`,
  topArtists: `
    SELECT ar.Name, SUM(l.Quantity), ${dollars(`SUM(${cents("l.UnitPrice")} * l.Quantity)`)}
    FROM Artist ar JOIN Album al ON al.ArtistId = ar.ArtistId
    JOIN Track t ON t.AlbumId = al.AlbumId JOIN InvoiceLine l ON l.TrackId = t.TrackId
    GROUP BY ar.ArtistId ORDER BY 2 DESC, ar.ArtistId LIMIT 10`,
  staff: `
    SELECT e.FirstName || ' ' || e.LastName, e.Title, m.FirstName || ' ' || m.LastName,
      (SELECT COUNT(*) FROM Customer c WHERE c.SupportRepId = e.EmployeeId)
    FROM Employee e LEFT JOIN Employee m ON m.EmployeeId = e.ReportsTo ORDER BY e.EmployeeId`,
  longestTracks: `
    SELECT genre, place, name, (ms + 500) / 1000 FROM (
      SELECT g.GenreId AS id, g.Name AS genre, t.Name AS name, t.Milliseconds AS ms,
        ROW_NUMBER() OVER (PARTITION BY g.GenreId ORDER BY t.Milliseconds DESC, t.TrackId) AS place
      FROM Track t JOIN Genre g ON g.GenreId = t.GenreId)
    WHERE place <= 2 ORDER BY id, place`,
  classicalWithoutJazz: `
    WITH bought AS (
      SELECT i.CustomerId AS id, g.Name AS genre FROM Invoice i
      JOIN InvoiceLine l ON l.InvoiceId = i.InvoiceId JOIN Track t ON t.TrackId = l.TrackId
      JOIN Genre g ON g.GenreId = t.GenreId)
    SELECT FirstName || ' ' || LastName, Email FROM Customer
    WHERE CustomerId IN (SELECT id FROM bought WHERE genre = 'Classical')
      AND CustomerId NOT IN (SELECT id FROM bought WHERE genre = 'Jazz')
    ORDER BY CustomerId`,
  averageInvoices: `
    SELECT c.Country, COUNT(DISTINCT c.CustomerId), COUNT(*), ${
    dollars(`CAST(ROUND(1.0 * SUM(${cents("i.Total")}) / COUNT(*)) AS INTEGER)`)
  }
    FROM Customer c JOIN Invoice i ON i.CustomerId = c.CustomerId
    GROUP BY c.Country HAVING COUNT(DISTINCT c.CustomerId) >= 4 ORDER BY 3 DESC, MIN(c.CustomerId)`,
  neverSold: `
    SELECT t.Name AS track, al.Title, ar.Name AS artist FROM Track t
    LEFT JOIN InvoiceLine l ON l.TrackId = t.TrackId
    JOIN Album al ON al.AlbumId = t.AlbumId JOIN Artist ar ON ar.ArtistId = al.ArtistId
    WHERE l.InvoiceLineId IS NULL ORDER BY t.TrackId`,
  monthlyRevenue: `
    WITH months AS (
      SELECT strftime('%Y-%m', InvoiceDate) AS month, SUM(${cents("Total")}) AS cents
      FROM Invoice GROUP BY 1),
    totals AS (SELECT month, cents, SUM(cents) OVER (ORDER BY month) AS so_far FROM months)
    SELECT month, ${dollars("cents")}, ${dollars("so_far")} FROM totals ORDER BY month`,
};

/** For the PostgreSQL edition. */
export const postgresByHand: ByHand = {
  bestCustomers: `
    SELECT concat_ws(' ', c.first_name, c.last_name) AS customer, c.country, COUNT(*)::int AS invoices,
      SUM(i.total)::text AS spent
    FROM customer c JOIN invoice i USING (customer_id)
    GROUP BY c.customer_id ORDER BY SUM(i.total) DESC, c.customer_id LIMIT 10`,
  revenueByGenreAndYear: `
    SELECT g.name, to_char(i.invoice_date, 'YYYY') AS year, SUM(l.quantity)::int AS tracks,
      SUM(l.unit_price * l.quantity)::text AS revenue
    FROM invoice_line l JOIN invoice i USING (invoice_id) JOIN track t USING (track_id)
    JOIN genre g USING (genre_id)
    GROUP BY g.genre_id, 2 ORDER BY g.genre_id, 2`,
  grungePlaylist: `
    SELECT t.name AS track, al.title, ar.name AS artist
    FROM playlist p JOIN playlist_track USING (playlist_id) JOIN track t USING (track_id)
    JOIN album al USING (album_id) JOIN artist ar USING (artist_id)
    WHERE p.name = 'Grunge' ORDER BY t.track_id`,
  topArtists: `
    SELECT ar.name, SUM(l.quantity)::int AS tracks, SUM(l.unit_price * l.quantity)::text AS revenue
    FROM artist ar JOIN album al USING (artist_id) JOIN track t USING (album_id)
    JOIN invoice_line l USING (track_id)
    GROUP BY ar.artist_id ORDER BY 2 DESC, ar.artist_id LIMIT 10`,
  staff: `
    SELECT concat_ws(' ', e.first_name, e.last_name) AS employee, e.title,
      m.first_name || ' ' || m.last_name AS manager,
      (SELECT COUNT(*) FROM customer c WHERE c.support_rep_id = e.employee_id)::int AS customers
    FROM employee e LEFT JOIN employee m ON m.employee_id = e.reports_to ORDER BY e.employee_id`,
  longestTracks: `
    SELECT genre, place::int, name, ((ms + 500) / 1000)::int AS seconds FROM (
      SELECT g.genre_id, g.name AS genre, t.name, t.milliseconds AS ms,
        ROW_NUMBER() OVER (PARTITION BY g.genre_id ORDER BY t.milliseconds DESC, t.track_id) AS place
      FROM track t JOIN genre g USING (genre_id)) AS ranked
    WHERE place <= 2 ORDER BY genre_id, place`,
  classicalWithoutJazz: `
    WITH bought AS (
      SELECT i.customer_id, g.name AS genre FROM invoice i JOIN invoice_line USING (invoice_id)
      JOIN track t USING (track_id) JOIN genre g USING (genre_id))
    SELECT concat_ws(' ', first_name, last_name) AS customer, email FROM customer
    WHERE customer_id IN (SELECT customer_id FROM bought WHERE genre = 'Classical')
      AND customer_id NOT IN (SELECT customer_id FROM bought WHERE genre = 'Jazz')
    ORDER BY customer_id`,
  averageInvoices: `
    SELECT c.country, COUNT(DISTINCT c.customer_id)::int AS customers, COUNT(*)::int AS invoices,
      ROUND(AVG(i.total), 2)::text AS average
    FROM customer c JOIN invoice i USING (customer_id)
    GROUP BY c.country HAVING COUNT(DISTINCT c.customer_id) >= 4 ORDER BY 3 DESC, MIN(c.customer_id)`,
  neverSold: `
    SELECT t.name AS track, al.title, ar.name AS artist
    FROM track t JOIN album al USING (album_id) JOIN artist ar USING (artist_id)
    WHERE NOT EXISTS (SELECT FROM invoice_line l WHERE l.track_id = t.track_id) ORDER BY t.track_id`,
  monthlyRevenue: `
    WITH months AS (
      SELECT to_char(invoice_date, 'YYYY-MM') AS month, SUM(total) AS revenue FROM invoice GROUP BY 1)
    SELECT month, revenue::text, SUM(revenue) OVER (ORDER BY month)::text AS so_far
    FROM months ORDER BY month`,
};
