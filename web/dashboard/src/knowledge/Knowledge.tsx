import { Route, Routes } from "react-router";
import { EntriesPage } from "./EntriesPage";
import { EntryPage, NewEntryPage } from "./editor/EntryPage";

/** Everything below `/knowledge`. */
export default function Knowledge() {
  return (
    <Routes>
      <Route path="entries/new" element={<NewEntryPage />} />
      <Route path="entries/:entryId" element={<EntryPage />} />
      <Route path="*" element={<EntriesPage />} />
    </Routes>
  );
}
