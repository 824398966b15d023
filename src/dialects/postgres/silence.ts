/**
 * Noticing that a server does not answer any more. The server ends what takes too long by itself; when even that is
 * not heard of, the network has broken without a word, which no socket tells.
 *
 * @module
 */

/** How much later than the server the client gives up on a statement, in milliseconds. */
const patience = 5000;

/** Counts statements and answers, which costs nothing, and looks now and then whether answers still come. */
export class Silence {
  /** Statements whose answer is to come. */
  awaited = 0;
  /** How many answers came. */
  answers = 0;
  #answersSeen = -1;
  #since = 0;

  /**
   * Whether statements have waited in vain for long after the server should have ended them.
   *
   * @param now of `performance.now()`
   * @param limit how long the server lets a statement run, in milliseconds
   */
  tooLong(now: number, limit: number): boolean {
    if (this.awaited === 0 || this.answers !== this.#answersSeen) {
      this.#answersSeen = this.answers;
      this.#since = now;
    }
    return now - this.#since > limit + patience;
  }
}
