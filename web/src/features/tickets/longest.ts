/** Characters that the server takes at most. */
export const LONGEST = { subject: 255, description: 65_536, order_id: 64 } as const;
