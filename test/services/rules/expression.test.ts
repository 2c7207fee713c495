import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { defaultMethods } from 'json-logic-engine'
import t from 'tap'
import { compileCondition, compileExpression, OPERATORS } from '../../../services/rules/expression.ts'

/** Compiles, and answers the problems or the function. */
function compile (logic: unknown) {
  const problems: string[] = []
  const evaluate = compileExpression(logic, 'when', (path, problem) => problems.push(`${path}: ${problem}`))
  return { problems, evaluate }
}

const DATA = { type: 'x', payload: { n: 5, text: 'hot', list: [1, 2, 3], none: null, nested: { a: 1 } } }

t.test('evaluates', async (t) => {
  const table: [logic: unknown, value: unknown][] = [
    [true, true],
    ['text', 'text'],
    [{ var: 'type' }, 'x'],
    [{ var: 'payload.nested.a' }, 1],
    [{ var: ['payload.absent', 'default'] }, 'default'],
    [{ val: ['payload', 'list', 1] }, 2],
    [{ var: 'payload.absent.deeper' }, null],
    [{ '>': [{ var: 'payload.n' }, 4] }, true],
    [{ '>': [{ var: 'payload.absent' }, 4] }, false],
    [{ '<': [1, { var: 'payload.n' }, 10] }, true],
    [{ and: [{ var: 'payload.n' }, { '==': [{ var: 'type' }, 'x'] }] }, true],
    [{ if: [{ var: 'payload.none' }, 'a', 'b'] }, 'b'],
    [{ in: ['o', { var: 'payload.text' }] }, true],
    [{ cat: ['<', { var: 'payload.none' }, { var: 'payload.text' }, '>'] }, '<hot>'],
    [{ map: [{ var: 'payload.list' }, { '*': [{ var: '' }, 2] }] }, [2, 4, 6]],
    [{ reduce: [{ var: 'payload.list' }, { '+': [{ var: 'current' }, { var: 'accumulator' }] }, 0] }, 6],
    [{ filter: [{ var: 'payload.list' }, { '>': [{ var: '' }, 1] }] }, [2, 3]],
    [{ '??': [{ var: 'payload.none' }, 7] }, 7],
    [{ try: [{ '+': [{ var: 'payload.text' }, 1] }, 'no sum'] }, 'no sum'],
    [{ eachKey: { a: { var: 'payload.n' }, b: 'c' } }, { a: 5, b: 'c' }],
    [{ preserve: { any: { '>': 1 } } }, { any: { '>': 1 } }],
    [{ missing: ['type', 'absent'] }, ['absent']]
  ]
  for (const [logic, value] of table) {
    const { problems, evaluate } = compile(logic)
    t.strictSame(problems, [])
    t.strictSame(evaluate(DATA), value, JSON.stringify(logic))
    t.strictSame(evaluate(DATA), value, 'and again')
  }
})

t.test('finds every wrong place of an expression', async (t) => {
  const table: [logic: unknown, problems: string[]][] = [
    [{ frobnicate: 1 }, ['when.frobnicate: unknown operator']],
    [{ and: [{ or: [{ nope: [] }] }, { '>': [{ neither: 1 }, 2] }] }, [
      'when.and[0].or[0].nope: unknown operator',
      'when.and[1][">"][0].neither: unknown operator'
    ]],
    [{ '>': [1, 2], '<': [1, 2] }, ['when: an expression has one operator, not 2: >, <']],
    [{ if: [true, { a: 1, b: 2 }] }, ['when.if[1]: an expression has one operator, not 2: a, b']],
    [{ '>': [{ var: 'n' }] }, ['when[">"]: expected a list of at least 2 arguments']],
    [{ and: true }, ['when.and: expected a list of at least 1 argument']],
    [{ eachKey: { a: { nope: 1 } } }, ['when.eachKey.a.nope: unknown operator']],
    [{ eachKey: [1] }, ['when.eachKey: expected an object of expressions']],
    [{ method: ['x'] }, ['when.method: unknown operator']],
    [{ get: [{ var: '' }, 'constructor'] }, ['when.get: unknown operator']]
  ]
  for (const [logic, problems] of table) t.strictSame(compile(logic).problems, problems, JSON.stringify(logic))
})

t.test('takes no member of a prototype for an operator', async (t) => {
  for (const name of ['constructor', 'toString', 'hasOwnProperty', 'valueOf', '__proto__', '__defineGetter__']) {
    t.strictSame(compile(JSON.parse(`{ "${name}": [1] }`)).problems, [`when.${name}: unknown operator`])
  }
})

t.test('hands out no functions', async (t) => {
  for (
    const path of ['constructor', 'payload.list.map', 'payload.text.constructor.constructor', '__proto__.toString']
  ) {
    t.equal(compile({ var: path }).evaluate(DATA), null, `var ${path}`)
    t.equal(compile({ val: path.split('.') }).evaluate(DATA), null, `val ${path}`)
  }
})

t.test('says why an expression cannot be computed', async (t) => {
  const table: [logic: unknown, message: string | RegExp][] = [
    [{ '>': [{ var: 'payload.text' }, { var: 'payload.n' }] }, 'not a number'],
    [{ '+': [{ var: 'payload.text' }, 1] }, 'not a number'],
    [{ max: [{ var: 'payload.text' }] }, 'Invalid Arguments'],
    [{ throw: 'no device' }, 'no device'],
    [{ throw: { preserve: { at: 1 } } }, '{"at":1}'],
    [{ in: [1, { var: 'payload.n' }] }, /not a function/]
  ]
  for (const [logic, message] of table) t.throws(() => compile(logic).evaluate(DATA), { message })
})

t.test('holds a condition when its value is neither empty, 0 nor null', async (t) => {
  const table: [payload: unknown, holds: boolean][] = [
    [true, true], [1, true], ['a', true], [[0], true], [{ a: 0 }, true],
    [false, false], [0, false], ['', false], [[], false], [{}, false], [null, false],
    [{ constructor: null }, true], [{ length: 0 }, true]
  ]
  const matches = compileCondition({ var: 'payload' }, 'when', (path) => t.fail(path))
  const negated = compileCondition({ '!': { var: 'payload' } }, 'when', (path) => t.fail(path))
  for (const [payload, holds] of table) {
    t.equal(matches({ payload }), holds, JSON.stringify(payload))
    // The unary operators of the library take the first item of a list for their argument.
    if (!Array.isArray(payload)) t.equal(negated({ payload }), !holds, `not ${JSON.stringify(payload)}`)
  }
})

t.test('evaluates to the same value every time, whatever it was run on before', async () => {
  const logic = {
    and: [{ some: [{ var: 'payload.list' }, { '>': [{ var: '' }, 2] }] }, {
      cat: [{ var: 'type' }, { var: 'payload.n' }]
    }]
  }
  const { evaluate } = compile(logic)
  fc.assert(fc.property(
    fc.record({ type: fc.string(), payload: fc.record({ n: fc.integer(), list: fc.array(fc.integer()) }) }),
    (data) => {
      const expected = data.payload.list.some((item) => item > 2) ? `${data.type}${data.payload.n}` : false
      return evaluate(data) === expected
    }
  ))
})

t.test('knows operators of the library only, and the documentation names each', async (t) => {
  const page = await readFile(new URL('../../../docs/RULES.md', import.meta.url), 'utf8')
  for (const name of OPERATORS) {
    t.ok(Object.hasOwn(defaultMethods, name), name)
    t.ok(page.includes(`\`${name}\``), `docs/RULES.md names ${name}`)
  }
})
