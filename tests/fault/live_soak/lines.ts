/**
 * Lines of text.
 *
 * @module
 */

/** Cuts text into lines. */
export class TextLineStream extends TransformStream<string, string> {
  /** Begins with none. */
  constructor() {
    let rest = "";
    super({
      transform(text, controller) {
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) controller.enqueue(line);
      },
    });
  }
}
