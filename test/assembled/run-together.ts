import { globSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t, { type Test } from 'tap'

const ROOT = join(import.meta.dirname, '../..')

/** The test that each file gets for the `t` of tap, by the address of the file. */
const tests = new Map<string, Test>()
Object.assign(globalThis, { [Symbol.for('spillway.tests')]: tests })

registerHooks({
  resolve (specifier, context, nextResolve) {
    const { parentURL } = context
    if (specifier !== 'tap' || parentURL === undefined || !tests.has(parentURL)) return nextResolve(specifier, context)
    const source = `export default globalThis[Symbol.for('spillway.tests')].get(${JSON.stringify(parentURL)})`
    return { url: `data:text/javascript,${encodeURIComponent(source)}`, shortCircuit: true }
  }
})

/**
 * Runs test files of one subject in this process, one after the other. The start of a process and the code of the
 * product that it loads cost more than most of these tests. Each file is a test of its own, so what it starts ends
 * before the next one begins.
 *
 * @param files a pattern from the root of the repository; `exclude` of .taprc has it too
 */
export async function runTogether (files: string): Promise<void> {
  const found = globSync(files, { cwd: ROOT }).toSorted()
  if (found.length === 0) throw new Error(`no test is named ${files}`)
  for (const file of found) {
    const results = await t.test(file, async (t) => {
      const { href } = pathToFileURL(join(ROOT, file))
      tests.set(href, t)
      await import(href)
    })
    if (results?.count === 0) t.fail(`${file} holds no test`)
  }
}
