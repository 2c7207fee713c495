/** Keeps the event loop from turning, as a process is kept that is stopped or gets no CPU. */
export function blockLoop (milliseconds: number): void {
  for (const end = performance.now() + milliseconds; performance.now() < end;);
}
