/**
 * `completions`: a script with which a shell completes commands and options.
 *
 * @module
 */
import { commonOptions, defineCommand } from "../command.ts";
import { UsageError } from "../exit.ts";

/** A command with its options, for the scripts. */
interface Completed {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly string[];
}

const shells: Readonly<Record<string, (all: readonly Completed[]) => string>> = { bash, zsh, fish };

export default defineCommand({
  usage: "completions bash|zsh|fish",
  description: "Writes a script for the shell's own start-up file or completions folder.",
  args: [1, 1],
  options: {},
  examples: [
    "completions bash > ~/.local/share/bash-completion/completions/rex-orm",
    "completions zsh > ~/.zfunc/_rex-orm",
    "completions fish > ~/.config/fish/completions/rex-orm.fish",
  ],
  async run({ out, commands, args: [shell = ""] }) {
    const script = Object.hasOwn(shells, shell) ? shells[shell] : undefined;
    if (!script) throw new UsageError(`there are no completions for ${shell}: bash, zsh, fish`);
    const all = await Promise.all(commands.map(async ({ name, summary, load }) => {
      const { default: command } = await load();
      const options = [...Object.keys(command.options), ...Object.keys(commonOptions)];
      return { name, summary, options: options.map((option) => `--${option}`) };
    }));
    const text = script(all);
    if (out.json) out.result({ shell, script: text });
    else out.raw(text);
  },
});

/** First words, and the second words of those that have some. */
function words(all: readonly Completed[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { name } of all) {
    const [first = "", second] = name.split(" ");
    const seconds = found.get(first) ?? [];
    found.set(first, second === undefined ? seconds : [...seconds, second]);
  }
  return found;
}

function bash(all: readonly Completed[]): string {
  const first = [...words(all).keys()].join(" ");
  const seconds = [...words(all)].filter(([, list]) => list.length > 0)
    .map(([word, list]) =>
      `    ${word}) [[ \${#typed[@]} -eq 2 ]] && words="${list.join(" ")}" ;;`
    );
  const options = all.map(({ name, options }) =>
    `    "${name}${name.includes(" ") ? "" : " "}"*) options="${options.join(" ")}" ;;`
  );
  return `# bash completion of rex-orm
_rex_orm() {
  local line="\${COMP_LINE:0:COMP_POINT}" current="" words="" options="" typed
  read -ra typed <<< "$line"
  if [[ "$line" != *" " ]]; then
    current="\${typed[-1]}"
    unset 'typed[-1]'
  fi
  [[ \${#typed[@]} -eq 1 ]] && words="${first}"
  case "\${typed[1]}" in
${seconds.join("\n")}
  esac
  case "\${typed[1]} \${typed[2]}" in
${options.join("\n")}
  esac
  [[ "$current" == -* ]] && words="$options"
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  # To bash a colon ends a word: what stands before it is not completed again.
  if [[ "$current" == *:* && "$COMP_WORDBREAKS" == *:* ]]; then
    COMPREPLY=("\${COMPREPLY[@]#"\${current%:*}:"}")
  fi
}
complete -o default -F _rex_orm rex-orm
`;
}

function zsh(all: readonly Completed[]): string {
  const quoted = (text: string) => text.replaceAll("'", "'\\''").replaceAll(":", "\\:");
  const byFirst = words(all);
  const firsts = [...byFirst.keys()].map((word) => {
    const summary = all.find(({ name }) => name === word)?.summary ?? `${word} …`;
    return `    '${quoted(word)}:${quoted(summary)}'`;
  });
  const groups = [...byFirst].filter(([, list]) => list.length > 0).map(([word, list]) => {
    const entries = list.map((second) => {
      const summary = all.find(({ name }) => name === `${word} ${second}`)?.summary ?? "";
      return `'${quoted(second)}:${quoted(summary)}'`;
    });
    return `    ${word}) [[ $CURRENT -eq 3 ]] && { local -a seconds=(${entries.join(" ")}); ` +
      `_describe 'command' seconds; return } ;;`;
  });
  const options = all.map(({ name, options }) =>
    `    '${name}'${name.includes(" ") ? "" : "*"}) compadd -- ${options.join(" ")} ;;`
  );
  return `#compdef rex-orm
_rex_orm() {
  local -a firsts=(
${firsts.join("\n")}
  )
  if [[ $CURRENT -eq 2 ]]; then _describe 'command' firsts; return; fi
  case "$words[2]" in
${groups.join("\n")}
  esac
  if [[ "$words[CURRENT]" == -* ]]; then
    case "$words[2] $words[3]" in
${options.join("\n")}
    esac
  else
    _files
  fi
}
if [[ "$funcstack[1]" == "_rex-orm" || "$funcstack[1]" == "_rex_orm" ]]; then _rex_orm "$@"; else compdef _rex_orm rex-orm; fi
`;
}

function fish(all: readonly Completed[]): string {
  const quoted = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const lines = ["# fish completion of rex-orm"];
  for (const [first, seconds] of words(all)) {
    const summary = all.find(({ name }) => name === first)?.summary ?? `${first} …`;
    lines.push(
      `complete -c rex-orm -n __fish_use_subcommand -f -a ${quoted(first)} -d ${quoted(summary)}`,
    );
    for (const second of seconds) {
      const told = all.find(({ name }) => name === `${first} ${second}`)?.summary ?? "";
      const unless = `__fish_seen_subcommand_from ${first}; and not __fish_seen_subcommand_from ` +
        seconds.join(" ");
      lines.push(
        `complete -c rex-orm -n ${quoted(unless)} -f -a ${quoted(second)} -d ${quoted(told)}`,
      );
    }
  }
  for (const { name, options } of all) {
    const seen = name.split(" ").map((word) => `__fish_seen_subcommand_from ${word}`).join(
      "; and ",
    );
    for (const option of options) {
      lines.push(`complete -c rex-orm -n ${quoted(seen)} -l ${option.slice(2)}`);
    }
  }
  return `${lines.join("\n")}\n`;
}
