/**
 * Changes out of a broker, for processes that do not read the database's own feed.
 *
 * @module
 */
import { ConfigError, ConnectionError } from "../../../base/errors.ts";
import type {
  BatchMark,
  ChangeSource,
  ImageForm,
  PositionOrder,
  SourceConnection,
  SourceReadOptions,
  SourceStep,
} from "../../../change/source.ts";
import type { ChangeBroker } from "./broker.ts";
import { readHeader, StepReader } from "./message.ts";

const lost = "the broker no longer has all changes since then";

/** A broker's stream as a source: with the positions and values of the source that the relay reads. */
export class BrokerSource implements ChangeSource {
  /** The broker's name. */
  readonly name: string;
  /** As the relayed source. */
  readonly form: ImageForm;
  /** As the relayed source. */
  readonly images: "rows" | "keys";
  /** As the relayed source. */
  readonly positions: PositionOrder;
  /** As the relayed source. */
  readonly tables: ChangeSource["tables"];
  readonly #broker: ChangeBroker;
  readonly #origin: ChangeSource;
  /** Where in the stream the last position is. */
  #known: { readonly position: string; readonly sequence: string } | undefined;

  /**
   * Reads a broker.
   *
   * @param origin a source like that of the relay; it is not read, but knows what positions and values mean
   */
  constructor(broker: ChangeBroker, origin: ChangeSource) {
    this.name = broker.name;
    this.form = origin.form;
    this.images = origin.images;
    this.positions = origin.positions;
    this.tables = origin.tables?.bind(origin);
    this.#broker = broker;
    this.#origin = origin;
  }

  /**
   * Tells what the relay appends.
   *
   * @throws {ConnectionError} when the stream is empty: no relay has begun
   */
  async *read({ after, signal }: SourceReadOptions): AsyncGenerator<SourceStep, void, undefined> {
    const start = after === undefined ? await this.#end() : {
      position: after,
      sequence: this.#known?.position === after ? this.#known.sequence : undefined,
    };
    let at = start.position;
    yield { batches: [], position: at };
    const { sequence } = start;
    const reader = new StepReader();
    const options = { signal, ...sequence !== undefined && { after: sequence } };
    for await (const entries of this.#broker.read(options)) {
      for (const entry of entries) {
        const step = reader.take(entry);
        if (step === undefined) continue;
        this.#checkForm(step.form);
        if (!this.positions.reaches(at, step.position) || step.reset !== undefined) {
          yield this.#stepFrom(at, step);
          at = step.position;
        }
        this.#known = { position: at, sequence: entry.sequence };
      }
    }
  }

  /** As the relayed source. */
  positionOf(snapshot: SourceConnection): Promise<string> {
    return this.#origin.positionOf(snapshot);
  }

  /** As the relayed source. */
  markOf(transaction: SourceConnection): Promise<() => Partial<BatchMark>> {
    return this.#origin.markOf(transaction);
  }

  /** Where the stream ends now. */
  async #end(): Promise<{ readonly position: string; readonly sequence: string | undefined }> {
    const last = await this.#broker.last();
    const { at, whole } = last ? readHeader(last) : { at: null, whole: false };
    if (last && at !== null) return { position: at, sequence: whole ? last.sequence : undefined };
    throw new ConnectionError(
      `Cannot follow changes: nothing is in the stream of ${this.name}`,
      undefined,
      undefined,
      {
        hint: "Start the relay first: it puts the database's changes there.",
      },
    );
  }

  #stepFrom(at: string, step: SourceStep & { readonly before: string | null }): SourceStep {
    const missed = step.before === null || !this.positions.reaches(at, step.before);
    const reset = step.reset ?? (missed ? lost : undefined);
    const batches = step.batches.filter((batch) => !this.positions.has(at, batch));
    return { batches, position: step.position, ...reset !== undefined && { reset } };
  }

  #checkForm(form: ImageForm): void {
    if (form === this.form) return;
    throw new ConfigError(
      `Cannot follow the changes of ${this.name}: the relay reads another source, whose values are ${form}`,
      { hint: "give the relay and its readers the same source" },
    );
  }
}
