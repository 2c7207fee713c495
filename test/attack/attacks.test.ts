import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as fc from 'fast-check'
import t from 'tap'
import { ATTACK_SHAPE, isAttack } from '../../attack/attack.ts'
import { CHECKS, Findings } from '../../attack/findings.ts'
import { anyBytes } from '../../attack/fuzz/bytes.ts'
import { anyRequest, routesOf } from '../../attack/fuzz/requests.ts'
import { parseOptions } from '../../attack/options.ts'
import { markdownReport, textReport } from '../../attack/report.ts'
import { isSabotage } from '../../attack/sabotage.ts'
import { loadSabotages } from '../../attack/sabotage-run.ts'
import { isShapeCategory, SHAPES_SHAPE } from '../../attack/shape.ts'
import { anchorsIn } from '../../rig/rewriting.ts'
import { loadFolder } from '../../services/registry/load-folder.ts'

const ROOT = join(import.meta.dirname, '../..')
const attacks = await loadFolder(join(ROOT, 'attack/attacks'), isAttack, ATTACK_SHAPE)

t.test('every file of the folders is an attack or a category of shapes', async (t) => {
  t.ok(attacks.length >= 15)
  const categories = await loadFolder(join(ROOT, 'attack/shapes'), isShapeCategory, SHAPES_SHAPE)
  t.ok(categories.flatMap(({ value }) => value.shapes).length >= 100)
  t.notOk(isAttack({ description: 'x' }))
  t.notOk(isAttack({ description: 'x', run: () => {}, isLong: 1 }))
  t.notOk(isAttack({ description: 'x', run: () => {}, hasKeys: 'yes' }))
  t.notOk(isAttack({ description: 'x', run: () => {}, leastAccepted: '1' }))
  t.notOk(isShapeCategory({ category: 'x', shapes: [] }))
})

t.test('every check has a sabotage, whose text stands in the source exactly once', async (t) => {
  const sabotages = await loadSabotages()
  for (const { name, value } of sabotages) {
    t.equal(anchorsIn(await readFile(join(ROOT, value.module), 'utf8'), value), 1, `${name}: ${value.module}`)
    t.ok(attacks.some((attack) => attack.name === value.attack), `${name} names an attack`)
  }
  const expected = sabotages.map(({ value }) => value.expects)
  t.strictSame(CHECKS.filter((check) => !expected.includes(check)), [])
  t.notOk(isSabotage({ description: '', module: '', replace: ['a', 'b'], attack: '', expects: 'luck' }))
})

t.test('generated requests follow from the seed, and a whole request announces its body', async (t) => {
  const routes = routesOf({
    paths: {
      '/events/{id}': { get: { parameters: [{ in: 'query', name: 'limit' }] } },
      '/events': { post: { requestBody: { content: { 'application/json': {} } } } },
      '/dashboard/stream': { get: {} }
    }
  })
  t.notOk(routes.some(({ path }) => path.endsWith('/stream')), 'an answer without an end')
  for (const requests of [anyRequest(routes, 'Bearer x'), anyBytes]) {
    t.strictSame(fc.sample(requests, { seed: 7, numRuns: 5 }), fc.sample(requests, { seed: 7, numRuns: 5 }))
  }
  fc.assert(fc.property(anyRequest(routes, 'Bearer x'), (request) => {
    const text = request.toString('latin1')
    const length = /\r\nContent-Length: (\d+)\r\n\r\n/.exec(text)
    return length === null
      ? text.endsWith('0\r\n\r\n')
      : text.length - length.index - length[0].length === Number(length[1])
  }), { numRuns: 50 })
})

t.test('violations are counted, and few examples are kept', async (t) => {
  const findings = new Findings()
  for (let index = 0; index < 20; index++) findings.record('breach', `example ${index % 10}`)
  findings.record('crash', 'gone')
  t.match(findings.list(), [{ check: 'crash', count: 1 }, { check: 'breach', count: 20 }])
  t.equal(findings.list()[1]?.examples.length, 8)
})

t.test('the report shows each attack and its violations', async (t) => {
  const outcome = {
    name: 'timing', description: 'by time', requests: 1_000, seconds: 1, longestTurnMs: 4, peakMiB: 200,
    critical: { posted: 10, accepted: 9 }, notes: ['a note'],
    findings: [{ check: 'critical' as const, count: 2, examples: ['9 of 10'] }]
  }
  t.match(textReport([outcome]), /timing +1,000 +9 of 10 +4 +200 +2 +1\.0[^]*timing: critical, 2 times\n {2}9 of 10\ntiming: a note/)
  t.match(markdownReport([outcome]), '| by time | 1,000 | 9 of 10 | 4 | 200 | 2 |\n')
})

t.test('the command line is checked as a whole', async (t) => {
  t.match(parseOptions(['--quick', '--only', 'b'], ['a', 'b'], 5), { seed: 5, isQuick: true, only: ['b'] })
  t.match(parseOptions([], ['a'], 5), { isQuick: false, only: undefined, isSabotage: false, isHelp: false })
  t.throws(() => parseOptions(['--seed', 'x', '--only', 'c'], ['a'], 5), /--seed[^]*no attack c/)
  t.throws(() => parseOptions(['--sed', '1'], ['a'], 5), /--sed[^]*the flags are --seed, [^]*--help/, 'an unknown flag')
  t.throws(() => parseOptions(['a'], ['a'], 5), /'a'[^]*the flags are --seed/, 'a name without its flag')
})

t.test('the help has every flag and attack, and no attack runs', async (t) => {
  const printed = execFileSync(process.execPath, [join(ROOT, 'attack/run.ts'), '--help'], { encoding: 'utf8' })
  for (const flag of ['seed N', 'quick', 'only A,B', 'sabotage', 'markdown FILE', 'help'])
    t.match(printed, new RegExp(`^ +--${flag} +\\w`, 'm'), flag)
  for (const { name } of attacks) t.match(printed, name)
  t.notMatch(printed, 'passed')
})
