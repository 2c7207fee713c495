import { SerializerSelector } from '@fastify/fast-json-stringify-compiler'
import type { FastifySerializerCompiler } from 'fastify'
import t from 'tap'
import { withoutUnions } from '../../../services/schema/without-unions.ts'

const serializerOf = SerializerSelector()({}, {}) as FastifySerializerCompiler<unknown>
const NULL = { type: 'null' }
const number = { type: 'number' }
const texts = ['on', 'off'].map((value) => ({ type: 'string', const: value }))
const nested = { type: 'object', properties: { count: { anyOf: [{ type: 'integer' }, NULL] } } }

t.test('a schema or null, and constants that are texts, are no unions any more', async (t) => {
  const CASES: [name: string, schema: unknown, simple: unknown][] = [
    ['a figure or null', { anyOf: [number, NULL], description: 'x' }, { ...number, description: 'x', nullable: true }],
    ['texts', { anyOf: texts }, { type: 'string' }],
    ['texts or null', { anyOf: [...texts, NULL] }, { type: 'string', nullable: true }],
    ['within', { type: 'array', items: nested }, {
      type: 'array', items: { type: 'object', properties: { count: { type: 'integer', nullable: true } } }
    }],
    ['other unions', { anyOf: [number, texts[0]] }, { anyOf: [number, texts[0]] }],
    ['a property of that name', { type: 'object', properties: { anyOf: number } }, {
      type: 'object', properties: { anyOf: number }
    }],
    ['a schema of all values', true, true]
  ]
  for (const [name, schema, simple] of CASES) t.strictSame(withoutUnions(schema), simple, name)
})

t.test('both schemas serialize the same', async (t) => {
  const schema = {
    type: 'object',
    properties: {
      figure: { anyOf: [number, NULL] }, state: { anyOf: [...texts, NULL] }, inner: { anyOf: [nested, NULL] },
      list: { anyOf: [{ type: 'array', items: nested }, NULL] }, flag: { anyOf: [{ type: 'boolean' }, NULL] }
    }
  }
  const [before, after] = [schema, withoutUnions(schema)].map((one) =>
    serializerOf({ schema: one, method: 'GET', url: '/' }))
  for (const value of [
    {},
    { figure: 1.5, state: 'on', inner: { count: 3 }, list: [{ count: null }, {}], flag: false },
    { figure: null, state: null, inner: null, list: null, flag: null }
  ]) {
    t.equal(after?.(value), before?.(value))
    t.equal(after?.(value), JSON.stringify(value))
  }
})
