/** An address with its parameters set apart. */
export function Address({ address }: { address: string }) {
  const parts = address.split(/(\{[^{}]*\})/);
  return (
    <span class="address">
      {parts.map((part, index) => (index % 2 === 1 ? <var key={index}>{part}</var> : part))}
    </span>
  );
}
