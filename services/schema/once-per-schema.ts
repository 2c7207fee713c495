/**
 * Returns a compiler that compiles equal schemas once. Nearly every route answers with the same problems, and a process
 * may hold several Spillways: the compilation of all of their schemas took most of the time of a start.
 *
 * Descriptions do not count, since they are for readers: each route describes its problems in other words.
 */
export function oncePerSchema<Route extends { schema: unknown }, Compiled> (
  compile: (route: Route) => Compiled
): (route: Route) => Compiled {
  const compiled = new Map<string, Compiled>()
  return (route) => {
    const key = JSON.stringify(route.schema, withoutDescription)
    const known = compiled.get(key)
    if (known !== undefined) return known
    const built = compile(route)
    compiled.set(key, built)
    return built
  }
}

/** A property of the name `description` has a schema, not a text. */
function withoutDescription (key: string, value: unknown): unknown {
  return key === 'description' && typeof value === 'string' ? undefined : value
}
