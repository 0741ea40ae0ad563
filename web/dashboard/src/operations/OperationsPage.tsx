export default function OperationsPage() {
  return <main id="main" />;
}
