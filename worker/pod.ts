/** What the processes of one pod have in common, as a token of a subject; outside a cluster they are of one machine. */
export function podToken(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  return environment.POD_UID ?? 'here';
}
