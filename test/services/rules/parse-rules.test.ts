import t from 'tap'
import { isActionDefinition } from '../../../services/rules/action.ts'
import { loadActions, parseRules, type RulesFileError } from '../../../services/rules/parse-rules.ts'
import { compile, rule, startServices } from './setup.ts'

/** The problems of a file with this text. */
async function problemsOf (text: string): Promise<readonly string[]> {
  try {
    parseRules(text, await loadActions(), startServices().services)
    return []
  } catch (error) {
    t.equal((error as RulesFileError).code, 'RULES_FILE_INVALID')
    return (error as RulesFileError).problems
  }
}

const problemsOfRules = (...rules: unknown[]) => problemsOf(JSON.stringify({ rules }))

t.test('takes a file of every feature', async (t) => {
  const rules = await compile([
    rule({ id: 'a', description: 'text', types: ['x', 'y'] }),
    rule({
      id: 'b',
      when: { '>': [{ var: 'payload.n' }, 1] },
      actions: [
        {
          emit: {
            type: 'z',
            priority: 10,
            organizationId: { var: 'payload.org' },
            payload: { n: { var: 'payload.n' } }
          }
        },
        { webhook: { url: 'https://example.com/hook', headers: { 'x-key': 'k' }, timeoutMs: 500 } },
        { log: { level: 'error', message: 'text' } }
      ]
    })
  ])
  t.strictSame(rules.map(({ id, types }) => [id, types && [...types]]), [['a', ['x', 'y']], ['b', undefined]])
  t.strictSame(rules[1]?.steps.map(({ name, index }) => [name, index]), [['b#0', 0], ['b#1', 1], ['b#2', 2]])
  t.strictSame(await compile([]), [])
})

t.test('lists every problem of the shape, each with its place', async (t) => {
  t.strictSame(
    await problemsOfRules(
      rule(),
      rule({ id: 'b', when: undefined, wehn: true }),
      rule({
        id: 7,
        types: [],
        actions: [{ emit: { type: 5, payload: 1, priority: 11 } }, {}, { sms: {} }, {
          log: { level: 'loud', message: 'x' }
        }, { emit: { type: 'x' } }]
      })
    ),
    [
      'rules[1].when: expected required property',
      'rules[1].wehn: unexpected property',
      'rules[2].id: expected string',
      'rules[2].types: expected array length to be greater or equal to 1',
      'rules[2].actions[0].emit.type: expected string',
      'rules[2].actions[0].emit.priority: expected integer to be less or equal to 10',
      'rules[2].actions[1]: expected exactly one of emit, log, webhook',
      'rules[2].actions[2].sms: expected exactly one of emit, log, webhook',
      'rules[2].actions[3].log.level: expected one of trace, debug, info, warn, error',
      'rules[2].actions[4].emit.payload: expected required property'
    ]
  )
  t.strictSame(await problemsOf('[]'), ['the file: expected object'])
  t.strictSame(await problemsOf('{}'), ['rules: expected required property'])
})

t.test('lists every problem that needs more than the shape', async (t) => {
  t.strictSame(await problemsOfRules(
    rule({ when: { and: [{ nope: 1 }, { '>': 1 }] } }),
    rule({
      actions: [
        { emit: { type: 'x', organizationId: 5, payload: { a: { '+': [{ nope: 1 }] } } } },
        { emit: { type: 'x\ud800', payload: 1 } }
      ]
    }),
    rule({ id: 'c', actions: [{ webhook: { url: 'ftp://x', headers: { 'a b': 'c', ok: 'line\nbreak' } } }] })
  ), [
    'rules[1].id: "r" is the id of rules[0] already',
    'rules[0].when.and[0].nope: unknown operator',
    'rules[0].when.and[1][">"]: expected a list of at least 2 arguments',
    'rules[1].actions[0].emit.payload.a["+"][0].nope: unknown operator',
    'rules[1].actions[0].emit.organizationId: expected a text or an expression',
    'rules[1].actions[1].emit.type: expected well-formed Unicode, without half of a character',
    'rules[2].actions[0].webhook.url: expected an http or https URL',
    'rules[2].actions[0].webhook.headers: "a b" is not a header that can be sent',
    'rules[2].actions[0].webhook.headers: "ok" is not a header that can be sent'
  ])
})

t.test('says where a text stops being JSON', async (t) => {
  t.match(await problemsOf('{ "rules": [ }'), [/^not JSON: Unexpected token/])
  t.match(await problemsOf(''), [/^not JSON: /])
})

t.test('finds its actions in their folder', async (t) => {
  t.strictSame((await loadActions()).map(({ name }) => name), ['emit', 'log', 'webhook'])
  for (
    const candidate of [undefined, null, {}, { schema: {} }, { schema: { type: 'object' } }, {
      schema: { type: 'string' },
      prepare () {}
    }]
  ) t.notOk(isActionDefinition(candidate))
})

t.test('lists what needs more than the shape beside mistakes of shape', async (t) => {
  t.strictSame(await problemsOfRules(
    rule({ id: 'same', wehn: true, when: { nope: 1 } }),
    rule({ id: 'same', types: 'x', actions: [{ sms: {} }, { emit: { type: 'x', payload: { and: 1 } } }] }),
    'no rule',
    rule({ id: 'c', when: { and: 5 } })
  ), [
    'rules[0].wehn: unexpected property',
    'rules[1].types: expected array',
    'rules[1].actions[0].sms: expected exactly one of emit, log, webhook',
    'rules[2]: expected object',
    'rules[1].id: "same" is the id of rules[0] already',
    'rules[0].when.nope: unknown operator',
    'rules[1].actions[1].emit.payload.and: expected a list of at least 1 argument',
    'rules[3].when.and: expected a list of at least 1 argument'
  ])
})

t.test('reads a file that begins with a byte order mark', async (t) => {
  t.strictSame(await problemsOf('\uFEFF{"rules":[]}'), [])
})
