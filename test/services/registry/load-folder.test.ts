import t from 'tap'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadFolder } from '../../../services/registry/load-folder.ts'

const isNumber = (candidate: unknown): candidate is number => typeof candidate === 'number'

t.test('each file is an entry under its name, sorted', async (t) => {
  const folder = t.testdir({
    'second-one.mjs': 'export default 2',
    'first.js': 'export default 1',
    'third.ts': 'const value: number = 3\nexport default value'
  })
  t.strictSame(await loadFolder(folder, isNumber, 'a number'), [
    { name: 'first', value: 1 },
    { name: 'second-one', value: 2 },
    { name: 'third', value: 3 }
  ])
})

t.test('a new file is found without a word elsewhere', async (t) => {
  const folder = t.testdir({ 'first.mjs': 'export default 1' })
  t.strictSame(await loadFolder(folder, isNumber, 'a number'), [{ name: 'first', value: 1 }])
  await writeFile(join(folder, 'another.mjs'), 'export default 4')
  t.strictSame(await loadFolder(folder, isNumber, 'a number'), [{ name: 'another', value: 4 }, {
    name: 'first',
    value: 1
  }])
})

t.test('a wrong shape stops the load with the path of the file', async (t) => {
  const folder = t.testdir({ 'fine.mjs': 'export default 1', 'wrong.mjs': "export default 'one'" })
  await t.rejects(loadFolder(folder, isNumber, 'a number'), {
    message: `${join(folder, 'wrong.mjs')}: the default export has to be a number`
  })
})

t.test('a file without a default export stops the load too', async (t) => {
  const folder = t.testdir({ 'empty.mjs': 'export const value = 1' })
  await t.rejects(loadFolder(folder, isNumber, 'a number'), {
    message: `${join(folder, 'empty.mjs')}: the default export has to be a number`
  })
})

t.test('what is not a module is left alone', async (t) => {
  const folder = t.testdir({ 'README.md': '# words', 'types.d.ts': 'export {}', 'data.json': '{}' })
  t.strictSame(await loadFolder(folder, isNumber, 'a number'), [])
})

t.test('a folder that is not there is an error', async (t) => {
  await t.rejects(loadFolder(join(t.testdir(), 'missing'), isNumber, 'a number'), { code: 'ENOENT' })
})
