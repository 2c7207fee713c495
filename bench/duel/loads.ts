import { arrayPosts, BATCH_EVENTS, singlePosts } from '../traffic/post.ts'
import type { Load } from './side.ts'

/** The forms of posts, with these headers besides their own. */
export const LOADS = {
  single: (headers: Readonly<Record<string, string>>): Load =>
    ({ requests: singlePosts(undefined, headers), connections: 64, eventsPerRequest: 1 }),
  array: (headers: Readonly<Record<string, string>>): Load => ({
    requests: arrayPosts().map((post) => ({ ...post, headers: { ...post.headers, ...headers } })),
    connections: 16,
    eventsPerRequest: BATCH_EVENTS
  })
} as const

export type LoadName = keyof typeof LOADS
export const LOAD_NAMES = Object.keys(LOADS) as LoadName[]
