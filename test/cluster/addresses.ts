/** The services' addresses; the first is the API server's own. */
export const serviceRange = '10.96.0.0/16';
export const apiService = '10.96.0.1';
export const dnsService = '10.96.0.10';

/** The pods' addresses, 256 to a node. */
export const podRange = '10.244.0.0/16';

/** Where nodes reach the control plane. */
export const controlPlaneAddress = '10.77.0.1';

/** Addresses of the node with a number from 1. */
export function nodeNetwork(number: number): { readonly address: string; readonly podRange: string } {
  return { address: `10.77.0.${10 + number}`, podRange: `10.244.${number - 1}.0/24` };
}
