import type { FastifyInstance } from 'fastify'

/** A route as Fastify prints it: its methods, with HEAD, and its path. */
export interface PrintedRoute {
  readonly methods: readonly string[]
  readonly path: string
}

/** Every route of an app, read off the tree that Fastify prints. */
export function printedRoutes (app: FastifyInstance): PrintedRoute[] {
  const parents: string[] = []
  return app.printRoutes({ commonPrefix: false }).split('\n').flatMap((line) => {
    const [, indent, path, methods] = /^([│ ]*)[├└]── (\S+) \((.+)\)$/.exec(line) ?? []
    if (indent === undefined || path === undefined || methods === undefined) return []
    const depth = indent.length / 4
    parents.splice(depth, Infinity, (parents[depth - 1] ?? '') + path)
    // It is printed without the slash before it.
    return [{ methods: methods.split(', '), path: (parents[depth] as string).replace(/(?<!\/)\*$/, '/*') }]
  })
}
