import fc from 'fast-check'
import t from 'tap'
import { elementsOf, membersOf } from '../../../prove/event/json-text.ts'

t.test('takes JSON apart to the letter', async (t) => {
  t.strictSame(elementsOf(' [ 1e5 ,{"a":[1,2]}, "a,]\\"" ,[] ] '), ['1e5', '{"a":[1,2]}', '"a,]\\""', '[]'])
  t.strictSame(elementsOf('[]'), [])
  t.strictSame(
    [...membersOf('{"a" : -0 , "b":{ "c" : [ ] },"a":"x:,}" }')],
    [
      ['a', ['-0', '"x:,}"']], ['b', ['{ "c" : [ ] }']]
    ]
  )
  t.strictSame([...membersOf('{}')], [])
  t.throws(() => elementsOf('{}'), SyntaxError)
})

t.test('nothing is lost and nothing is changed, whatever it is', async (t) => {
  fc.assert(fc.property(fc.array(fc.jsonValue()), (values) => {
    t.strictSame(elementsOf(JSON.stringify(values)), values.map((value) => JSON.stringify(value)))
  }), { numRuns: 50 })
})
