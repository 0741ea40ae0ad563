import { Route, Routes } from "react-router";
import { EntriesPage } from "./EntriesPage";

/** Everything below `/knowledge`. */
export default function Knowledge() {
  return (
    <Routes>
      <Route path="*" element={<EntriesPage />} />
    </Routes>
  );
}
