import { join } from 'node:path'
import t from 'tap'
import { loadHandlers } from '../../workers/load-handlers.ts'
import { startDependencies } from './handlers/setup.ts'

const handler = (order: number, create = "() => ({ kind: 'event', handle: async () => ({ status: 'done' }) })") =>
  `export default { order: ${order}, create: ${create} }`

t.test('creates every handler of a folder, in their order and under their names', async (t) => {
  const folder = t.testdir({ 'a.mjs': handler(30), 'b.mjs': handler(10), 'c-d.mjs': handler(20), 'README.md': 'words' })
  const handlers = await loadHandlers(folder, startDependencies(t).dependencies)
  t.strictSame(handlers.map(({ name }) => name), ['b', 'c-d', 'a'])
  t.ok(handlers.every(({ handler }) => handler.kind === 'event'))
})

t.test('leaves out what the configuration does not ask for', async (t) => {
  const folder = t.testdir({
    'asked.mjs': handler(
      1,
      "async ({ config }) => config.RULES_FILE === undefined ? undefined : { kind: 'batch', handle: async () => ({ outcomes: [] }) }"
    ),
    'never.mjs': handler(2, '() => undefined')
  })
  t.strictSame(await loadHandlers(folder, startDependencies(t).dependencies), [])
  t.strictSame(
    (await loadHandlers(folder, startDependencies(t, { RULES_FILE: 'x' }).dependencies)).map(({ name }) => name),
    ['asked']
  )
})

t.test('a file of the wrong shape stops the start, with its path', async (t) => {
  const shapes = [
    'export const handler = 1',
    'export default {}',
    'export default null',
    'export default () => {}',
    'export default { order: 1 }',
    "export default { order: '1', create () {} }",
    'export default { create () {} }'
  ]
  for (const [index, shape] of shapes.entries()) {
    const folder = t.testdir({ 'fine.mjs': handler(1), [`wrong-${index}.mjs`]: shape })
    await t.rejects(loadHandlers(folder, startDependencies(t).dependencies), {
      message: `${join(folder, `wrong-${index}.mjs`)}: the default export has to be a handler { order, create }`
    }, shape)
  }
})

t.test('a handler that cannot be created stops the start', async (t) => {
  const folder = t.testdir({ 'broken.mjs': handler(1, "() => { throw new Error('no such thing') }") })
  await t.rejects(loadHandlers(folder, startDependencies(t).dependencies), { message: 'no such thing' })
})

t.test('the handlers that come with Spillway have the right shape', async (t) => {
  const { dependencies } = startDependencies(t, { DELIVERY_URL: 'http://127.0.0.1:9/' })
  const handlers = await loadHandlers(join(import.meta.dirname, '../../workers/handlers'), dependencies)
  t.strictSame(handlers.map(({ name }) => name), ['delivery'])
})
