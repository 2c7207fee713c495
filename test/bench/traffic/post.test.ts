import t from 'tap'
import { EVENT_BYTES } from '../../../bench/traffic/event.ts'
import { arrayPosts, organizationPosts, singlePosts } from '../../../bench/traffic/post.ts'

t.test('an event is as long as asked for', async (t) => {
  for (const bytes of [EVENT_BYTES, 2_500])
    for (const { body } of singlePosts({ bytes, priority: 8 })) t.equal(Buffer.byteLength(body), bytes)
})

t.test('an array has as many events as asked for, and no two of them begin alike', async (t) => {
  const bodies = arrayPosts(20).map(({ body }) => body)
  t.ok(bodies.every((body) => JSON.parse(body).length === 20))
  t.equal(new Set(bodies).size, bodies.length)
})

t.test('organizations take turns, all as often', async (t) => {
  for (const organizations of [1, 10]) {
    const ids = organizationPosts(organizations, 100).map(({ body }) => JSON.parse(body).organizationId as string)
    t.equal(new Set(ids).size, organizations)
    t.equal(ids.filter((id) => id === 'organization-0').length, 100 / organizations)
  }
})
