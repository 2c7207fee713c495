import t from 'tap'
import { configurations } from '../../simulate/tune.ts'
import { registries } from './tiny-world.ts'

t.test('each subject tries its initial values and as many others, within bounds and spread evenly by logarithm', async (t) => {
  for (const [name, module] of registries.subjects) {
    const tried = configurations(name, module, 100)
    t.equal(tried.length, module.parameters === undefined ? 1 : 100, name)
    for (const [parameter, { low, high, initial }] of Object.entries(module.parameters ?? {})) {
      const values = tried.map((values) => values[parameter]!)
      t.equal(values[0], initial)
      t.ok(values.every((value) => value >= low && value <= high), `${name}, ${parameter}`)
      const below = values.slice(1).filter((value) => value < Math.sqrt(low * high)).length
      t.ok(below > 30 && below < 70, `${name}, ${parameter}: ${below} below the middle`)
    }
  }
  const [, one] = configurations('static', registries.subjects.get('static')!, 2)
  t.strictSame(configurations('static', registries.subjects.get('static')!, 9)[1], one, 'the same each time')
})
