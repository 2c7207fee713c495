import { loadFolder } from '../services/registry/load-folder.ts'
import type { NamedHandler } from './batch-runner.ts'
import type { HandlerDependencies, HandlerModule } from './handler.ts'

/** Loads a folder of handlers and creates those that the configuration uses, in their order. */
export async function loadHandlers (folder: string, dependencies: HandlerDependencies): Promise<NamedHandler[]> {
  const modules = await loadFolder(folder, isHandlerModule, 'a handler { order, create }')
  const handlers: NamedHandler[] = []
  for (const { name, value } of modules.toSorted((a, b) => a.value.order - b.value.order)) {
    const handler = await value.create(dependencies)
    if (handler !== undefined) handlers.push({ name, handler })
  }
  return handlers
}

function isHandlerModule (candidate: unknown): candidate is HandlerModule {
  const module = candidate as Partial<HandlerModule> | null | undefined
  return typeof module === 'object' && module !== null && typeof module.order === 'number' &&
    typeof module.create === 'function'
}
