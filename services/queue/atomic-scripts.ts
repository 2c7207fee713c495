import type { Redis } from 'ioredis'

/** A script command of the connection with its arguments, keys first. */
export interface ScriptCommand {
  readonly name: string
  readonly args: readonly (string | number | Buffer)[]
  /** If it answers nothing, the steps after it do not run. Only the first step can be a guard. */
  readonly isGuard?: boolean
}

interface Script {
  readonly lua: string
  readonly numberOfKeys: number
}

type Commands = Record<string, (...args: (string | number | Buffer)[]) => Promise<unknown>>

/**
 * Runs several scripts as one: one command, one round trip, all of them or none. A transaction of the same scripts
 * costs a command for each and two around them, and breaks if Redis has forgotten one of them; the client sends a
 * single script again. Each script is wrapped in a function with its share of the arguments as KEYS and ARGV.
 */
export class AtomicScripts {
  readonly #redis: Redis
  /** Names of the composed commands. */
  readonly #composed = new Map<string, string>()

  constructor (redis: Redis) {
    this.#redis = redis
  }

  /**
   * Runs the steps in order; sends the command before it returns. Resolves with the answer of each step, null for none.
   *
   * @throws Error of Redis if a step fails, as a rejection. Redis does not roll back: a step that can fail comes first.
   */
  run (steps: readonly ScriptCommand[]): Promise<unknown[]> {
    const names = steps.map(({ name }) => name).join('+')
    const command = this.#composed.get(names) ?? this.#compose(names, steps)
    const keys: ScriptCommand['args'][number][] = []
    const counts: number[] = []
    const args: ScriptCommand['args'][number][] = []
    for (const step of steps) {
      const { numberOfKeys } = this.#scriptOf(step)
      keys.push(...step.args.slice(0, numberOfKeys))
      counts.push(step.args.length - numberOfKeys)
      for (let index = numberOfKeys; index < step.args.length; index++) args.push(step.args[index] as string)
    }
    return (this.#redis as unknown as Commands)[command]?.(...keys, ...counts, ...args) as Promise<unknown[]>
  }

  #compose (names: string, steps: readonly ScriptCommand[]): string {
    const scripts = steps.map((step) => this.#scriptOf(step))
    const command = `spillwayAtomic:${names}`
    this.#redis.defineCommand(command, {
      lua: composedLua(scripts, steps[0]?.isGuard === true),
      numberOfKeys: scripts.reduce((sum, { numberOfKeys }) => sum + numberOfKeys, 0)
    })
    this.#composed.set(names, command)
    return command
  }

  #scriptOf ({ name }: ScriptCommand): Script {
    const script = (this.#redis as unknown as { scriptsSet: Record<string, Script> }).scriptsSet[name]
    if (script === undefined) throw new Error(`the connection has no script ${name}`)
    return script
  }
}

/**
 * Returns a script that gets the keys of all steps, then the number of arguments of each, then the arguments of all.
 */
function composedLua (scripts: readonly Script[], isGuarded: boolean): string {
  const functions = scripts.map(({ lua }, step) => `local function step${step} (KEYS, ARGV)\n${lua}\nend`)
  const calls = scripts.map(({ numberOfKeys }, step) =>
    `step${step}(shareOf(KEYS, key, ${numberOfKeys}), shareOf(ARGV, argument, tonumber(ARGV[${step + 1}]))) or false`
  )
  return `
local key, argument = 0, ${scripts.length}
local function shareOf (all, used, count)
  local share = {}
  for i = 1, count do share[i] = all[used + i] end
  if all == KEYS then key = key + count else argument = argument + count end
  return share
end
${functions.join('\n')}
${
    isGuarded
      ? `local guard = ${calls.shift()}\nif not guard then return { false } end\nreturn { guard, ${calls.join(', ')} }`
      : `return { ${calls.join(', ')} }`
  }
`
}
