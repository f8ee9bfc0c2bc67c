<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>AboutDialog</name>
    <message>
        <source>About AudioCLIP Search</source>
        <translation>Über AudioCLIP Search</translation>
    </message>
    <message>
        <source>Version {version}</source>
        <translation>Version {version}</translation>
    </message>
    <message>
        <source>Finds sounds and pictures in your own folders by words, by a picture or by another sound. Everything stays on this computer. MIT licence; the models are AudioCLIP&apos;s.</source>
        <translation>Findet Klänge und Bilder in Ihren eigenen Ordnern: nach Worten, einem Bild oder einem anderen Klang. Alles bleibt auf diesem Rechner. MIT-Lizenz; die Modelle stammen von AudioCLIP.</translation>
    </message>
    <message>
        <source>Copy details</source>
        <translation>Angaben kopieren</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Versions of all that matters, for a bug report.</source>
        <translation>Alle wichtigen Versionen, für eine Fehlermeldung.</translation>
    </message>
</context>
<context>
    <name>AdvancedPage</name>
    <message>
        <source>Advanced</source>
        <translation>Erweitert</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>Daten</translation>
    </message>
    <message>
        <source>Cache</source>
        <translation>Zwischenspeicher</translation>
    </message>
    <message>
        <source>Logs and crash reports</source>
        <translation>Protokolle und Absturzberichte</translation>
    </message>
    <message>
        <source>Show the log</source>
        <translation>Protokoll zeigen</translation>
    </message>
    <message>
        <source>What happened</source>
        <translation>Was geschah</translation>
    </message>
    <message>
        <source>Open another library…</source>
        <translation>Andere Bibliothek öffnen…</translation>
    </message>
    <message>
        <source>A folder with an index of its own, as the command line program makes it.</source>
        <translation>Ein Ordner mit eigenem Index, wie ihn das Kommandozeilenprogramm anlegt.</translation>
    </message>
    <message>
        <source>Back to my library</source>
        <translation>Zurück zu meiner Bibliothek</translation>
    </message>
    <message>
        <source>Library</source>
        <translation>Bibliothek</translation>
    </message>
    <message>
        <source>Reset all settings…</source>
        <translation>Alle Einstellungen zurücksetzen…</translation>
    </message>
    <message>
        <source>Start over</source>
        <translation>Von vorn</translation>
    </message>
    <message>
        <source>Files, tags, ratings and the index stay as they are.</source>
        <translation>Dateien, Schlagwörter, Bewertungen und der Index bleiben, wie sie sind.</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Open the folder: {what}</source>
        <translation>Ordner öffnen: {what}</translation>
    </message>
    <message>
        <source>Open a library</source>
        <translation>Bibliothek öffnen</translation>
    </message>
    <message>
        <source>Reset all settings</source>
        <translation>Alle Einstellungen zurücksetzen</translation>
    </message>
    <message>
        <source>Set everything back to how it was at first?</source>
        <translation>Alles auf den Anfangszustand zurücksetzen?</translation>
    </message>
    <message>
        <source>Reset</source>
        <translation>Zurücksetzen</translation>
    </message>
</context>
<context>
    <name>AppearancePage</name>
    <message>
        <source>Appearance</source>
        <translation>Aussehen</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>Farben</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>Another language counts from the next start of the app on.</source>
        <translation>Eine andere Sprache gilt ab dem nächsten Start der App.</translation>
    </message>
    <message>
        <source>Keep running in the tray when the window is closed</source>
        <translation>Im Infobereich weiterlaufen, wenn das Fenster geschlossen wird</translation>
    </message>
</context>
<context>
    <name>AutoTagDialog</name>
    <message>
        <source>Tag automatically</source>
        <translation>Automatisch verschlagworten</translation>
    </message>
    <message>
        <source>The model compares every file with each label. What it suggests stays a suggestion until you confirm it; your own tags are not touched.</source>
        <translation>Das Modell vergleicht jede Datei mit jeder Bezeichnung. Was es vorschlägt, bleibt ein Vorschlag, bis Sie ihn bestätigen; Ihre eigenen Schlagwörter bleiben unberührt.</translation>
    </message>
    <message>
        <source>Preview</source>
        <translation>Vorschau</translation>
    </message>
    <message>
        <source>Tag</source>
        <translation>Schlagwort</translation>
    </message>
    <message>
        <source>Labels</source>
        <translation>Bezeichnungen</translation>
    </message>
    <message>
        <source>ESC-50 · 50 everyday sounds</source>
        <translation>ESC-50 · 50 Alltagsklänge</translation>
    </message>
    <message>
        <source>UrbanSound8K · 10 sounds of a city</source>
        <translation>UrbanSound8K · 10 Klänge einer Stadt</translation>
    </message>
    <message>
        <source>AudioSet · 527 labels</source>
        <translation>AudioSet · 527 Bezeichnungen</translation>
    </message>
    <message>
        <source>My own labels</source>
        <translation>Eigene Bezeichnungen</translation>
    </message>
    <message>
        <source>One label a line, for example:
glass breaking
rain on a tent</source>
        <translation>Eine Bezeichnung je Zeile, zum Beispiel:
glass breaking
rain on a tent</translation>
    </message>
    <message>
        <source>My own labels, one a line</source>
        <translation>Eigene Bezeichnungen, eine je Zeile</translation>
    </message>
    <message>
        <source>How sure the model must be, per cent</source>
        <translation>Wie sicher das Modell sein muss, in Prozent</translation>
    </message>
    <message>
        <source>At least</source>
        <translation>Mindestens</translation>
    </message>
    <message>
        <source>The whole library</source>
        <translation>Die ganze Bibliothek</translation>
    </message>
    <message>
        <source>The chosen file</source>
        <translation>Die gewählte Datei</translation>
    </message>
    <message>
        <source>The {0} chosen files</source>
        <translation>Die {0} gewählten Dateien</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>Dateien</translation>
    </message>
    <message>
        <source>Stopped; nothing was changed</source>
        <translation>Angehalten; nichts wurde geändert</translation>
    </message>
    <message>
        <source>{0} of {1} files would get tags</source>
        <translation>{0} von {1} Dateien bekämen Schlagwörter</translation>
    </message>
    <message>
        <source>{0} of {1} files have suggestions now, to be confirmed or rejected</source>
        <translation>{0} von {1} Dateien haben jetzt Vorschläge, zum Bestätigen oder Ablehnen</translation>
    </message>
    <message>
        <source>The model can’t tell apart: {0}</source>
        <translation>Das Modell kann nicht unterscheiden: {0}</translation>
    </message>
</context>
<context>
    <name>Banner</name>
    <message>
        <source>Dismiss this message</source>
        <translation>Diese Meldung schließen</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>Schließen</translation>
    </message>
</context>
<context>
    <name>BusySign</name>
    <message>
        <source>Searching</source>
        <translation>Sucht</translation>
    </message>
</context>
<context>
    <name>Cards</name>
    <message>
        <source>Not available</source>
        <translation>Nicht verfügbar</translation>
    </message>
</context>
<context>
    <name>Chip</name>
    <message>
        <source>Remove {0}</source>
        <translation>{0} entfernen</translation>
    </message>
    <message>
        <source>Remove (Delete)</source>
        <translation>Entfernen (Entf)</translation>
    </message>
    <message>
        <source>{0} of the chosen files have “{1}”: click to give it to all</source>
        <translation>{0} der gewählten Dateien haben „{1}“: klicken, um es allen zu geben</translation>
    </message>
</context>
<context>
    <name>CollectionsModel</name>
    <message>
        <source>Favourites</source>
        <translation>Favoriten</translation>
    </message>
</context>
<context>
    <name>CrashDialog</name>
    <message>
        <source>Something went wrong</source>
        <translation>Etwas ist schiefgegangen</translation>
    </message>
    <message>
        <source>This is a mistake in the app; your files are as they were. You can go on. A report is in {file}. It has paths of files of yours in it; look at it before you send it.</source>
        <translation>Das ist ein Fehler der App; Ihre Dateien sind unverändert. Sie können weiterarbeiten. Ein Bericht liegt in {file}. Er enthält Pfade Ihrer Dateien; sehen Sie ihn an, bevor Sie ihn senden.</translation>
    </message>
    <message>
        <source>The report</source>
        <translation>Der Bericht</translation>
    </message>
    <message>
        <source>Copy report</source>
        <translation>Bericht kopieren</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Weiter</translation>
    </message>
</context>
<context>
    <name>Dropping</name>
    <message>
        <source>Only files on this computer can be searched with. Save it first, then drop it here.</source>
        <translation>Gesucht werden kann nur mit Dateien auf diesem Rechner. Speichern Sie sie zuerst und ziehen Sie sie dann hierher.</translation>
    </message>
    <message>
        <source>There is no picture, sound or text in it.</source>
        <translation>Darin ist weder Bild noch Klang noch Text.</translation>
    </message>
    <message>
        <source>{name} is neither a picture nor a sound. Drop one of these.</source>
        <translation>{name} ist weder Bild noch Klang. Ziehen Sie eines davon hierher.</translation>
    </message>
    <message>
        <source>A search takes {most} files at a time; the others are left out.</source>
        <translation>Eine Suche nimmt {most} Dateien auf einmal; die übrigen entfallen.</translation>
    </message>
    <message>
        <source>The picture can&apos;t be kept: {reason}. Free some space.</source>
        <translation>Das Bild lässt sich nicht aufbewahren: {reason}. Schaffen Sie Platz.</translation>
    </message>
</context>
<context>
    <name>DuplicateLine</name>
    <message>
        <source>{0} to spare</source>
        <translation>{0} einzusparen</translation>
    </message>
    <message>
        <source>Its drive is not connected</source>
        <translation>Das Laufwerk ist nicht verbunden</translation>
    </message>
    <message>
        <source>Best</source>
        <translation>Beste</translation>
    </message>
</context>
<context>
    <name>DuplicatesController</name>
    <message>
        <source>could not be moved to the trash</source>
        <translation>konnte nicht in den Papierkorb gelegt werden</translation>
    </message>
    <message>
        <source>and {0} others could not be moved to the trash</source>
        <translation>und {0} weitere konnten nicht in den Papierkorb gelegt werden</translation>
    </message>
    <message>
        <source>See whether the folder can be written and its drive has a trash</source>
        <translation>Prüfen Sie, ob der Ordner beschreibbar ist und sein Laufwerk einen Papierkorb hat</translation>
    </message>
</context>
<context>
    <name>DuplicatesModel</name>
    <message>
        <source>{0} identical files</source>
        <translation>{0} gleiche Dateien</translation>
    </message>
    <message>
        <source>{0} versions of the same</source>
        <translation>{0} Fassungen desselben</translation>
    </message>
    <message>
        <source>{0} files alike</source>
        <translation>{0} ähnliche Dateien</translation>
    </message>
</context>
<context>
    <name>DuplicatesView</name>
    <message>
        <source>Move to the trash</source>
        <translation>In den Papierkorb</translation>
    </message>
    <message>
        <source>one file</source>
        <translation>eine Datei</translation>
    </message>
    <message>
        <source>{0} files</source>
        <translation>{0} Dateien</translation>
    </message>
    <message>
        <source>Move {0} ({1}) to the trash?</source>
        <translation>{0} ({1}) in den Papierkorb legen?</translation>
    </message>
    <message>
        <source>At least one file of every group stays. The trash can give them back.</source>
        <translation>Mindestens eine Datei jeder Gruppe bleibt. Der Papierkorb kann sie zurückgeben.</translation>
    </message>
    <message>
        <source>Identical</source>
        <translation>Gleich</translation>
    </message>
    <message>
        <source>The same samples or pixels, in any container</source>
        <translation>Dieselben Samples oder Pixel, in beliebigem Format</translation>
    </message>
    <message>
        <source>Same recording</source>
        <translation>Dieselbe Aufnahme</translation>
    </message>
    <message>
        <source>One recording or picture at another level, cut, resampled or compressed</source>
        <translation>Eine Aufnahme oder ein Bild mit anderem Pegel, geschnitten, umgerechnet oder komprimiert</translation>
    </message>
    <message>
        <source>Alike</source>
        <translation>Ähnlich</translation>
    </message>
    <message>
        <source>Others that the model can hardly tell apart</source>
        <translation>Andere, die das Modell kaum unterscheiden kann</translation>
    </message>
    <message>
        <source>Find duplicates</source>
        <translation>Duplikate suchen</translation>
    </message>
    <message>
        <source>Progress of finding duplicates</source>
        <translation>Fortschritt der Duplikatsuche</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Find files that are one and the same</source>
        <translation>Dateien finden, die ein und dasselbe sind</translation>
    </message>
    <message>
        <source>Every file is listened to once, and remembered. Copies are found whatever their name, format or level. Nothing is deleted: you choose what to move to the trash.</source>
        <translation>Jede Datei wird einmal angehört und gemerkt. Kopien werden gefunden, gleich welcher Name, welches Format oder welcher Pegel. Nichts wird gelöscht: Sie wählen, was in den Papierkorb kommt.</translation>
    </message>
    <message>
        <source>Groups of duplicates</source>
        <translation>Gruppen von Duplikaten</translation>
    </message>
    <message>
        <source>Tick all but the best</source>
        <translation>Alle außer der besten ankreuzen</translation>
    </message>
    <message>
        <source>Not duplicates</source>
        <translation>Keine Duplikate</translation>
    </message>
    <message>
        <source>These files are different: never show them as duplicates again (N)</source>
        <translation>Diese Dateien sind verschieden: nie wieder als Duplikate zeigen (N)</translation>
    </message>
    <message>
        <source>Move to the trash…</source>
        <translation>In den Papierkorb…</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>Abspielen</translation>
    </message>
    <message>
        <source>Tick for the trash</source>
        <translation>Für den Papierkorb ankreuzen</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>Im Ordner zeigen</translation>
    </message>
    <message>
        <source>Looking at the library</source>
        <translation>Sieht die Bibliothek durch</translation>
    </message>
    <message>
        <source>Listening to files</source>
        <translation>Hört Dateien an</translation>
    </message>
    <message>
        <source>Comparing pairs</source>
        <translation>Vergleicht Paare</translation>
    </message>
    <message>
        <source>No duplicates</source>
        <translation>Keine Duplikate</translation>
    </message>
    <message>
        <source>No two files of the library are one and the same in the ways chosen above.</source>
        <translation>Keine zwei Dateien der Bibliothek sind in der oben gewählten Weise dasselbe.</translation>
    </message>
    <message>
        <source>Find again</source>
        <translation>Erneut suchen</translation>
    </message>
    <message>
        <source>These {0} files are not duplicates, and will not be shown again</source>
        <translation>Diese {0} Dateien sind keine Duplikate und werden nicht wieder gezeigt</translation>
    </message>
    <message>
        <source>Untick all</source>
        <translation>Alle abwählen</translation>
    </message>
    <message>
        <source>{0} ticked · {1}</source>
        <translation>{0} angekreuzt · {1}</translation>
    </message>
    <message>
        <source>1 group</source>
        <translation>1 Gruppe</translation>
    </message>
    <message>
        <source>{0} groups</source>
        <translation>{0} Gruppen</translation>
    </message>
    <message>
        <source>{0} · {1} to spare</source>
        <translation>{0} · {1} einzusparen</translation>
    </message>
</context>
<context>
    <name>FacetSection</name>
    <message>
        <source>Show all {number}</source>
        <translation>Alle {number} zeigen</translation>
    </message>
    <message>
        <source>Show fewer</source>
        <translation>Weniger zeigen</translation>
    </message>
</context>
<context>
    <name>Facets</name>
    <message>
        <source>Kind</source>
        <translation>Art</translation>
    </message>
    <message>
        <source>Length</source>
        <translation>Länge</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>Sample rate</source>
        <translation>Abtastrate</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Tags</source>
        <translation>Schlagwörter</translation>
    </message>
    <message>
        <source>Rating</source>
        <translation>Bewertung</translation>
    </message>
    <message>
        <source>Sounds</source>
        <translation>Klänge</translation>
    </message>
    <message>
        <source>Pictures</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>Texts</source>
        <translation>Texte</translation>
    </message>
</context>
<context>
    <name>FailuresDialog</name>
    <message>
        <source>Files that could not be read</source>
        <translation>Nicht lesbare Dateien</translation>
    </message>
    <message>
        <source>They can&apos;t be found by how they sound or look. Each is tried again when it changes, or, if it could not be reached, at the next rescan.</source>
        <translation>Sie sind nach Klang oder Aussehen nicht zu finden. Jede wird erneut versucht, wenn sie sich ändert; war sie nicht erreichbar, beim nächsten Abgleich.</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>Im Ordner zeigen</translation>
    </message>
    <message>
        <source>Copy list</source>
        <translation>Liste kopieren</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>All files could be read</source>
        <translation>Alle Dateien waren lesbar</translation>
    </message>
    <message>
        <source>{files} could not be read</source>
        <translation>{files} nicht lesbar</translation>
    </message>
</context>
<context>
    <name>FailuresModel</name>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>Grund</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
</context>
<context>
    <name>Fields</name>
    <message>
        <source>audio, image or text</source>
        <translation>audio, image oder text</translation>
    </message>
    <message>
        <source>length: &lt;3, 1..3.5, &gt;2m</source>
        <translation>Länge: &lt;3, 1..3.5, &gt;2m</translation>
    </message>
    <message>
        <source>the file&apos;s suffix</source>
        <translation>die Endung der Datei</translation>
    </message>
    <message>
        <source>a folder it is in</source>
        <translation>ein Ordner, in dem sie liegt</translation>
    </message>
    <message>
        <source>part of its name</source>
        <translation>Teil ihres Namens</translation>
    </message>
    <message>
        <source>a tag, yours or automatic</source>
        <translation>ein Schlagwort, eigenes oder automatisches</translation>
    </message>
    <message>
        <source>stars: 4, &gt;=3, 0 for none</source>
        <translation>Sterne: 4, &gt;=3, 0 für keine</translation>
    </message>
    <message>
        <source>sample rate: 48k, &gt;=96k</source>
        <translation>Abtastrate: 48k, &gt;=96k</translation>
    </message>
    <message>
        <source>channels</source>
        <translation>Kanäle</translation>
    </message>
    <message>
        <source>bits of a sample</source>
        <translation>Bits je Sample</translation>
    </message>
    <message>
        <source>file size: &lt;10M</source>
        <translation>Dateigröße: &lt;10M</translation>
    </message>
    <message>
        <source>what belongs to a picture</source>
        <translation>was zu einem Bild gehört</translation>
    </message>
    <message>
        <source>what sounds like a file</source>
        <translation>was wie eine Datei klingt</translation>
    </message>
    <message>
        <source>what is like a file of the library</source>
        <translation>was einer Datei der Bibliothek ähnelt</translation>
    </message>
</context>
<context>
    <name>FilterPanel</name>
    <message>
        <source>Filters</source>
        <translation>Filter</translation>
    </message>
    <message>
        <source>Clear filters</source>
        <translation>Filter leeren</translation>
    </message>
    <message>
        <source>Take all filters out of the search</source>
        <translation>Alle Filter aus der Suche nehmen</translation>
    </message>
    <message>
        <source>There is nothing to filter yet.</source>
        <translation>Es gibt noch nichts zu filtern.</translation>
    </message>
    <message>
        <source>1 filter</source>
        <translation>1 Filter</translation>
    </message>
    <message>
        <source>{number} filters</source>
        <translation>{number} Filter</translation>
    </message>
    <message>
        <source>No filters</source>
        <translation>Keine Filter</translation>
    </message>
</context>
<context>
    <name>FoldersPage</name>
    <message>
        <source>Folders</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Folders of the library</source>
        <translation>Ordner der Bibliothek</translation>
    </message>
    <message>
        <source>Add…</source>
        <translation>Hinzufügen…</translation>
    </message>
    <message>
        <source>It has moved…</source>
        <translation>Ist umgezogen…</translation>
    </message>
    <message>
        <source>Say where this folder is now. Tags and ratings are kept.</source>
        <translation>Sagen, wo dieser Ordner jetzt ist. Schlagwörter und Bewertungen bleiben.</translation>
    </message>
    <message>
        <source>Remove…</source>
        <translation>Entfernen…</translation>
    </message>
    <message>
        <source>Watch the folders, and index what changes at once</source>
        <translation>Ordner beobachten und Änderungen sofort aufnehmen</translation>
    </message>
    <message>
        <source>Include hidden files and folders</source>
        <translation>Versteckte Dateien und Ordner einbeziehen</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>Anwenden</translation>
    </message>
    <message>
        <source>Leave out what matches these patterns, one a line, as in .gitignore. An .audioclipignore file in a folder counts as well.</source>
        <translation>Auslassen, worauf diese Muster passen, eines je Zeile, wie in .gitignore. Eine Datei .audioclipignore in einem Ordner gilt ebenfalls.</translation>
    </message>
    <message>
        <source>Patterns of files to leave out</source>
        <translation>Muster auszulassender Dateien</translation>
    </message>
    <message>
        <source>Add a folder</source>
        <translation>Ordner hinzufügen</translation>
    </message>
    <message>
        <source>Where is “{folder}” now?</source>
        <translation>Wo ist „{folder}“ jetzt?</translation>
    </message>
    <message>
        <source>Remove a folder</source>
        <translation>Ordner entfernen</translation>
    </message>
    <message>
        <source>Remove “{folder}” from the library?</source>
        <translation>„{folder}“ aus der Bibliothek entfernen?</translation>
    </message>
    <message>
        <source>Its files are not deleted from the disk, but their tags and ratings are forgotten.</source>
        <translation>Auf der Platte wird nichts gelöscht, aber Schlagwörter und Bewertungen werden vergessen.</translation>
    </message>
    <message>
        <source>not connected</source>
        <translation>nicht verbunden</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
</context>
<context>
    <name>Heading</name>
    <message>
        <source>{title}, {number} chosen</source>
        <translation>{title}, {number} gewählt</translation>
    </message>
</context>
<context>
    <name>Heart</name>
    <message>
        <source>Favourite: yes</source>
        <translation>Favorit: ja</translation>
    </message>
    <message>
        <source>Favourite: no</source>
        <translation>Favorit: nein</translation>
    </message>
    <message>
        <source>No longer a favourite (F)</source>
        <translation>Kein Favorit mehr (F)</translation>
    </message>
    <message>
        <source>Make it a favourite (F)</source>
        <translation>Zum Favoriten machen (F)</translation>
    </message>
</context>
<context>
    <name>IndexingCard</name>
    <message>
        <source>Indexing</source>
        <translation>Aufnahme</translation>
    </message>
    <message>
        <source>Progress of indexing</source>
        <translation>Fortschritt der Aufnahme</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Look for changes now</source>
        <translation>Jetzt abgleichen</translation>
    </message>
    <message>
        <source>{done} of {total}</source>
        <translation>{done} von {total}</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>Hält an…</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Pausiert</translation>
    </message>
    <message>
        <source>Starting…</source>
        <translation>Beginnt…</translation>
    </message>
    <message>
        <source>Up to date, watching</source>
        <translation>Aktuell, wird beobachtet</translation>
    </message>
    <message>
        <source>Up to date</source>
        <translation>Aktuell</translation>
    </message>
    <message>
        <source>Stopped before the end</source>
        <translation>Vor dem Ende angehalten</translation>
    </message>
    <message>
        <source>Not watching</source>
        <translation>Wird nicht beobachtet</translation>
    </message>
    <message>
        <source>Could not be brought up to date</source>
        <translation>Konnte nicht abgeglichen werden</translation>
    </message>
    <message>
        <source>Goes on after it; or close it</source>
        <translation>Läuft danach weiter; oder schließen Sie es</translation>
    </message>
    <message>
        <source>{files} so far</source>
        <translation>bisher {files}</translation>
    </message>
    <message>
        <source>{files} could not be read</source>
        <translation>{files} nicht lesbar</translation>
    </message>
    <message>
        <source>“{folder}” is not connected. Its files stay in the library; connect it to hear them.</source>
        <translation>„{folder}“ ist nicht verbunden. Die Dateien bleiben in der Bibliothek; verbinden Sie den Ordner, um sie zu hören.</translation>
    </message>
    <message>
        <source>“{folder}” is not connected. Its {files} stay in the library; connect it to hear them.</source>
        <translation>„{folder}“ ist nicht verbunden. {files} bleiben in der Bibliothek; verbinden Sie den Ordner, um sie zu hören.</translation>
    </message>
</context>
<context>
    <name>Inspector</name>
    <message>
        <source>{0}
Show it in its folder</source>
        <translation>{0}
Im Ordner zeigen</translation>
    </message>
    <message>
        <source>Show in folder {0}</source>
        <translation>Im Ordner {0} zeigen</translation>
    </message>
    <message>
        <source>Its drive is not connected</source>
        <translation>Das Laufwerk ist nicht verbunden</translation>
    </message>
    <message>
        <source>Suggested by a model, confirmed by you</source>
        <translation>Von einem Modell vorgeschlagen, von Ihnen bestätigt</translation>
    </message>
    <message>
        <source>{0} files</source>
        <translation>{0} Dateien</translation>
    </message>
    <message>
        <source>Why it matches · {0}</source>
        <translation>Warum es passt · {0}</translation>
    </message>
    <message>
        <source>Select a file to see what is known of it</source>
        <translation>Wählen Sie eine Datei, um zu sehen, was von ihr bekannt ist</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Details</translation>
    </message>
    <message>
        <source>From the file</source>
        <translation>Aus der Datei</translation>
    </message>
    <message>
        <source>Markers</source>
        <translation>Marken</translation>
    </message>
    <message>
        <source>Add tag…</source>
        <translation>Schlagwort hinzufügen…</translation>
    </message>
    <message>
        <source>Tags</source>
        <translation>Schlagwörter</translation>
    </message>
    <message>
        <source>Suggested tags</source>
        <translation>Vorgeschlagene Schlagwörter</translation>
    </message>
    <message>
        <source>Add to collection…</source>
        <translation>Zu Sammlung hinzufügen…</translation>
    </message>
    <message>
        <source>Collections</source>
        <translation>Sammlungen</translation>
    </message>
    <message>
        <source>Why it matches</source>
        <translation>Warum es passt</translation>
    </message>
</context>
<context>
    <name>ListeningController</name>
    <message>
        <source>its drive is not connected</source>
        <translation>das Laufwerk ist nicht verbunden</translation>
    </message>
    <message>
        <source>Connect it to hear the file</source>
        <translation>Verbinden Sie es, um die Datei zu hören</translation>
    </message>
</context>
<context>
    <name>ListeningPage</name>
    <message>
        <source>Listening</source>
        <translation>Wiedergabe</translation>
    </message>
    <message>
        <source>Play on</source>
        <translation>Wiedergabe über</translation>
    </message>
    <message>
        <source>Play a sound as soon as it is selected</source>
        <translation>Klänge abspielen, sobald sie ausgewählt sind</translation>
    </message>
    <message>
        <source>Start where a result matches best</source>
        <translation>Dort beginnen, wo ein Ergebnis am besten passt</translation>
    </message>
    <message>
        <source>Play sounds of the map under the pointer</source>
        <translation>Klänge der Karte unter dem Zeiger abspielen</translation>
    </message>
    <message>
        <source>The system&apos;s choice</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>{device} (not connected)</source>
        <translation>{device} (nicht verbunden)</translation>
    </message>
</context>
<context>
    <name>LogViewer</name>
    <message>
        <source>Log</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>Window</source>
        <translation>Fenster</translation>
    </message>
    <message>
        <source>Engine</source>
        <translation>Motor</translation>
    </message>
    <message>
        <source>Pictures</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>Everything</source>
        <translation>Alles</translation>
    </message>
    <message>
        <source>Warnings and errors</source>
        <translation>Warnungen und Fehler</translation>
    </message>
    <message>
        <source>Errors</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>Which log</source>
        <translation>Welches Protokoll</translation>
    </message>
    <message>
        <source>What is shown</source>
        <translation>Was gezeigt wird</translation>
    </message>
    <message>
        <source>Follow</source>
        <translation>Mitlaufen</translation>
    </message>
    <message>
        <source>Nothing has been written here.</source>
        <translation>Hier steht noch nichts.</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
</context>
<context>
    <name>LongDialog</name>
    <message>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Preparing</source>
        <translation>Bereitet vor</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Reading the labels</source>
        <translation>Liest die Bezeichnungen</translation>
    </message>
    <message>
        <source>Learning what is usual</source>
        <translation>Lernt, was üblich ist</translation>
    </message>
    <message>
        <source>Comparing</source>
        <translation>Vergleicht</translation>
    </message>
    <message>
        <source>Writing</source>
        <translation>Schreibt</translation>
    </message>
    <message>
        <source>Finishing</source>
        <translation>Schließt ab</translation>
    </message>
    <message>
        <source>Undone</source>
        <translation>Rückgängig gemacht</translation>
    </message>
</context>
<context>
    <name>MainMenu</name>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Datei</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>&amp;Bearbeiten</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Ansicht</translation>
    </message>
    <message>
        <source>&amp;Library</source>
        <translation>B&amp;ibliothek</translation>
    </message>
    <message>
        <source>&amp;Sound</source>
        <translation>&amp;Klang</translation>
    </message>
    <message>
        <source>&amp;Results</source>
        <translation>&amp;Ergebnisse</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Hilfe</translation>
    </message>
    <message>
        <source>&amp;Undo {what}</source>
        <translation>{what} &amp;rückgängig machen</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>&amp;Rückgängig</translation>
    </message>
    <message>
        <source>&amp;Add a folder…</source>
        <translation>Ordner &amp;hinzufügen…</translation>
    </message>
    <message>
        <source>Open another &amp;library…</source>
        <translation>Andere Bib&amp;liothek öffnen…</translation>
    </message>
    <message>
        <source>Open my &amp;own library</source>
        <translation>Ei&amp;gene Bibliothek öffnen</translation>
    </message>
    <message>
        <source>&amp;Save this search…</source>
        <translation>&amp;Suche speichern…</translation>
    </message>
    <message>
        <source>&amp;Clear the search</source>
        <translation>Suche &amp;leeren</translation>
    </message>
    <message>
        <source>&amp;Preferences…</source>
        <translation>&amp;Einstellungen…</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>&amp;Beenden</translation>
    </message>
    <message>
        <source>&amp;Find</source>
        <translation>&amp;Suchen</translation>
    </message>
    <message>
        <source>Search with what was &amp;copied</source>
        <translation>Mit dem &amp;Kopierten suchen</translation>
    </message>
    <message>
        <source>Go to the &amp;results</source>
        <translation>Zu den &amp;Ergebnissen</translation>
    </message>
    <message>
        <source>Look like the &amp;system</source>
        <translation>Wie das &amp;System</translation>
    </message>
    <message>
        <source>L&amp;ight</source>
        <translation>&amp;Hell</translation>
    </message>
    <message>
        <source>&amp;Dark</source>
        <translation>&amp;Dunkel</translation>
    </message>
    <message>
        <source>Sound &amp;view</source>
        <translation>&amp;Klangansicht</translation>
    </message>
    <message>
        <source>Side&amp;bar</source>
        <translation>Seiten&amp;leiste</translation>
    </message>
    <message>
        <source>Details and &amp;filters</source>
        <translation>Details und &amp;Filter</translation>
    </message>
    <message>
        <source>Look for &amp;changes</source>
        <translation>&amp;Abgleichen</translation>
    </message>
    <message>
        <source>&amp;Pause indexing</source>
        <translation>Aufnahme &amp;pausieren</translation>
    </message>
    <message>
        <source>&amp;Resume indexing</source>
        <translation>Aufnahme &amp;fortsetzen</translation>
    </message>
    <message>
        <source>Files that could not be rea&amp;d…</source>
        <translation>&amp;Nicht lesbare Dateien…</translation>
    </message>
    <message>
        <source>&amp;Tag automatically…</source>
        <translation>&amp;Automatisch verschlagworten…</translation>
    </message>
    <message>
        <source>&amp;Write tags into files…</source>
        <translation>Schlagwörter in Dateien &amp;schreiben…</translation>
    </message>
    <message>
        <source>&amp;Play or pause</source>
        <translation>&amp;Abspielen oder anhalten</translation>
    </message>
    <message>
        <source>&amp;Stop</source>
        <translation>&amp;Stopp</translation>
    </message>
    <message>
        <source>&amp;Loop</source>
        <translation>&amp;Schleife</translation>
    </message>
    <message>
        <source>Part &amp;begins here</source>
        <translation>Ausschnitt &amp;beginnt hier</translation>
    </message>
    <message>
        <source>Part &amp;ends here</source>
        <translation>Ausschnitt &amp;endet hier</translation>
    </message>
    <message>
        <source>&amp;Whole sound</source>
        <translation>&amp;Ganzer Klang</translation>
    </message>
    <message>
        <source>L&amp;ouder</source>
        <translation>&amp;Lauter</translation>
    </message>
    <message>
        <source>&amp;Quieter</source>
        <translation>L&amp;eiser</translation>
    </message>
    <message>
        <source>&amp;Mute</source>
        <translation>S&amp;tumm</translation>
    </message>
    <message>
        <source>&amp;Keys</source>
        <translation>&amp;Tasten</translation>
    </message>
    <message>
        <source>&amp;Log</source>
        <translation>&amp;Protokoll</translation>
    </message>
    <message>
        <source>&amp;About</source>
        <translation>&amp;Über</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Show the log</source>
        <translation>Protokoll zeigen</translation>
    </message>
    <message>
        <source>Mend what is wrong, then try again. Nothing is changed meanwhile.</source>
        <translation>Beheben Sie die Ursache und versuchen Sie es dann noch einmal. Bis dahin wird nichts geändert.</translation>
    </message>
    <message>
        <source>Opening the library…</source>
        <translation>Öffnet die Bibliothek…</translation>
    </message>
    <message>
        <source>Nothing is indexed yet</source>
        <translation>Noch ist nichts aufgenommen</translation>
    </message>
    <message>
        <source>Nothing matches; these are the closest</source>
        <translation>Nichts passt; diese kommen am nächsten</translation>
    </message>
    <message>
        <source>Nothing matches</source>
        <translation>Nichts passt</translation>
    </message>
    <message>
        <source>{number} files</source>
        <translation>{number} Dateien</translation>
    </message>
    <message>
        <source>1 result</source>
        <translation>1 Ergebnis</translation>
    </message>
    <message>
        <source>{number} results</source>
        <translation>{number} Ergebnisse</translation>
    </message>
    <message>
        <source>Add a folder to the library</source>
        <translation>Ordner zur Bibliothek hinzufügen</translation>
    </message>
    <message>
        <source>Open a library</source>
        <translation>Bibliothek öffnen</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Details</translation>
    </message>
    <message>
        <source>Filters</source>
        <translation>Filter</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
</context>
<context>
    <name>MapCanvas</name>
    <message>
        <source>Map of {0} files</source>
        <translation>Karte von {0} Dateien</translation>
    </message>
    <message>
        <source>{0} chosen</source>
        <translation>{0} gewählt</translation>
    </message>
</context>
<context>
    <name>MapView</name>
    <message>
        <source>Colour by</source>
        <translation>Farbe nach</translation>
    </message>
    <message>
        <source>What the colours mean</source>
        <translation>Was die Farben bedeuten</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>Art</translation>
    </message>
    <message>
        <source>Tag</source>
        <translation>Schlagwort</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Update</source>
        <translation>Auffrischen</translation>
    </message>
    <message>
        <source>Play what the pointer rests on</source>
        <translation>Abspielen, worauf der Zeiger ruht</translation>
    </message>
    <message>
        <source>Lasso: draw around files to choose them (or hold Shift)</source>
        <translation>Lasso: Dateien umfahren, um sie zu wählen (oder Umschalttaste halten)</translation>
    </message>
    <message>
        <source>Zoom in (Ctrl++)</source>
        <translation>Vergrößern (Strg++)</translation>
    </message>
    <message>
        <source>Zoom out (Ctrl+-)</source>
        <translation>Verkleinern (Strg+-)</translation>
    </message>
    <message>
        <source>Show all (Ctrl+0)</source>
        <translation>Alles zeigen (Strg+0)</translation>
    </message>
    <message>
        <source>Progress of the map</source>
        <translation>Fortschritt der Karte</translation>
    </message>
    <message>
        <source>Drawing the map</source>
        <translation>Zeichnet die Karte</translation>
    </message>
    <message>
        <source>Reading the library</source>
        <translation>Liest die Bibliothek</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Files that are alike are put close together. It is kept for the next time.</source>
        <translation>Ähnliche Dateien liegen nahe beieinander. Sie wird für das nächste Mal aufbewahrt.</translation>
    </message>
    <message>
        <source>Files appear here when they are indexed.</source>
        <translation>Dateien erscheinen hier, wenn sie aufgenommen sind.</translation>
    </message>
    <message>
        <source>Nothing to show yet</source>
        <translation>Noch nichts zu zeigen</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Noch einmal versuchen</translation>
    </message>
    <message>
        <source>{0} files are not on it yet</source>
        <translation>{0} Dateien sind noch nicht darauf</translation>
    </message>
    <message>
        <source>The map is as it was</source>
        <translation>Die Karte ist, wie sie war</translation>
    </message>
    <message>
        <source>It takes about a minute for a large library, and is kept.</source>
        <translation>Bei einer großen Bibliothek dauert es etwa eine Minute; sie wird aufbewahrt.</translation>
    </message>
    <message>
        <source>There is no map yet</source>
        <translation>Es gibt noch keine Karte</translation>
    </message>
    <message>
        <source>Draw the map</source>
        <translation>Karte zeichnen</translation>
    </message>
    <message>
        <source>Sounds</source>
        <translation>Klänge</translation>
    </message>
    <message>
        <source>Pictures</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>Texts</source>
        <translation>Texte</translation>
    </message>
    <message>
        <source>No tag, or another</source>
        <translation>Kein Schlagwort, oder ein anderes</translation>
    </message>
    <message>
        <source>Others</source>
        <translation>Andere</translation>
    </message>
</context>
<context>
    <name>Markers</name>
    <message>
        <source>Go to {0}</source>
        <translation>Zu {0} springen</translation>
    </message>
</context>
<context>
    <name>Meter</name>
    <message>
        <source>Level of the microphone</source>
        <translation>Pegel des Mikrofons</translation>
    </message>
</context>
<context>
    <name>ModelCard</name>
    <message>
        <source>Download</source>
        <translation>Herunterladen</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Use it for all files</source>
        <translation>Für alle Dateien nutzen</translation>
    </message>
    <message>
        <source>Listens to every file again. What is there can be searched meanwhile.</source>
        <translation>Hört jede Datei erneut an. Was da ist, lässt sich solange durchsuchen.</translation>
    </message>
    <message>
        <source>{model} is in use</source>
        <translation>{model} ist in Gebrauch</translation>
    </message>
    <message>
        <source>Looking for models…</source>
        <translation>Sucht nach Modellen…</translation>
    </message>
    <message>
        <source>Small, and good for common sounds. The full AudioCLIP understands more words.</source>
        <translation>Klein, und gut für häufige Klänge. Das volle AudioCLIP versteht mehr Wörter.</translation>
    </message>
    <message>
        <source>The full model: sounds, pictures and any words.</source>
        <translation>Das volle Modell: Klänge, Bilder und beliebige Wörter.</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>Download the full AudioCLIP ({size})</source>
        <translation>Volles AudioCLIP laden ({size})</translation>
    </message>
    <message>
        <source>{done} of {total}</source>
        <translation>{done} von {total}</translation>
    </message>
    <message>
        <source>Connecting…</source>
        <translation>Verbindet…</translation>
    </message>
    <message>
        <source>{size}/s</source>
        <translation>{size}/s</translation>
    </message>
    <message>
        <source>Checking and unpacking…</source>
        <translation>Prüft und entpackt…</translation>
    </message>
    <message>
        <source>Paused. {amount} is here already.</source>
        <translation>Pausiert. {amount} sind schon da.</translation>
    </message>
    <message>
        <source>All files are being listened to again, with the full AudioCLIP.</source>
        <translation>Alle Dateien werden mit dem vollen AudioCLIP erneut angehört.</translation>
    </message>
    <message>
        <source>The starter model</source>
        <translation>Das Startmodell</translation>
    </message>
    <message>
        <source>The full AudioCLIP</source>
        <translation>Das volle AudioCLIP</translation>
    </message>
</context>
<context>
    <name>ModelPage</name>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Known models</source>
        <translation>Bekannte Modelle</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>Herunterladen</translation>
    </message>
    <message>
        <source>Use for all files…</source>
        <translation>Für alle Dateien nutzen…</translation>
    </message>
    <message>
        <source>Another model listens to every file again. What is there can be searched until it is done. Tags and ratings stay.</source>
        <translation>Ein anderes Modell hört jede Datei erneut an. Bis es fertig ist, lässt sich durchsuchen, was da ist. Schlagwörter und Bewertungen bleiben.</translation>
    </message>
    <message>
        <source>Not here</source>
        <translation>Nicht vorhanden</translation>
    </message>
    <message>
        <source>Can&apos;t be used: {problem}</source>
        <translation>Nicht nutzbar: {problem}</translation>
    </message>
    <message>
        <source>Listening to all files again</source>
        <translation>Hört alle Dateien erneut an</translation>
    </message>
    <message>
        <source>In use</source>
        <translation>In Gebrauch</translation>
    </message>
    <message>
        <source>Here</source>
        <translation>Vorhanden</translation>
    </message>
    <message>
        <source>Use another model</source>
        <translation>Anderes Modell nutzen</translation>
    </message>
    <message>
        <source>Have all files listened to again by “{model}”?</source>
        <translation>Alle Dateien erneut von „{model}“ anhören lassen?</translation>
    </message>
    <message>
        <source>That takes as long as the first time. It can be paused, and goes on later.</source>
        <translation>Das dauert so lange wie beim ersten Mal. Es lässt sich pausieren und später fortsetzen.</translation>
    </message>
    <message>
        <source>Listen again</source>
        <translation>Erneut anhören</translation>
    </message>
</context>
<context>
    <name>NameDialog</name>
    <message>
        <source>For the chosen file</source>
        <translation>Für die gewählte Datei</translation>
    </message>
    <message>
        <source>For {0} chosen files</source>
        <translation>Für {0} gewählte Dateien</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>Hinzufügen</translation>
    </message>
</context>
<context>
    <name>NamePopup</name>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
</context>
<context>
    <name>Notice</name>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>Schließen</translation>
    </message>
</context>
<context>
    <name>OrganisingController</name>
    <message>
        <source>automatic tags</source>
        <translation>automatische Schlagwörter</translation>
    </message>
    <message>
        <source>writing tags into files</source>
        <translation>Schreiben von Schlagwörtern in Dateien</translation>
    </message>
    <message>
        <source>renaming {0}</source>
        <translation>Umbenennen von {0}</translation>
    </message>
    <message>
        <source>confirming {0}</source>
        <translation>Bestätigen von {0}</translation>
    </message>
    <message>
        <source>rejecting {0}</source>
        <translation>Ablehnen von {0}</translation>
    </message>
    <message>
        <source>rating</source>
        <translation>Bewerten</translation>
    </message>
    <message>
        <source>favourite</source>
        <translation>Favorit</translation>
    </message>
    <message>
        <source>adding to “{0}”</source>
        <translation>Hinzufügen zu „{0}“</translation>
    </message>
    <message>
        <source>removing from “{0}”</source>
        <translation>Entfernen aus „{0}“</translation>
    </message>
    <message>
        <source>adding “{0}”</source>
        <translation>Hinzufügen von „{0}“</translation>
    </message>
    <message>
        <source>removing “{0}”</source>
        <translation>Entfernen von „{0}“</translation>
    </message>
    <message>
        <source>Saved</source>
        <translation>Gespeichert</translation>
    </message>
    <message>
        <source>this change waits, because the index is busy: another program may be writing it</source>
        <translation>diese Änderung wartet, weil der Index belegt ist: vielleicht schreibt ihn gerade ein anderes Programm</translation>
    </message>
    <message>
        <source>It is saved as soon as that has finished; close the other program if it does not finish</source>
        <translation>Sie wird gespeichert, sobald das fertig ist; schließen Sie das andere Programm, falls es nicht fertig wird</translation>
    </message>
    <message>
        <source>{0}: {1}</source>
        <translation>{0}: {1}</translation>
    </message>
    <message>
        <source>Renamed in {0}</source>
        <translation>In {0} umbenannt</translation>
    </message>
    <message>
        <source>{0} files can’t be restored now, {1} for one: {2}. Undo once more when that is mended.</source>
        <translation>{0} Dateien lassen sich jetzt nicht wiederherstellen, etwa {1}: {2}. Machen Sie es noch einmal rückgängig, wenn das behoben ist.</translation>
    </message>
    <message>
        <source>Undone; {0} changes were left, because they have been changed again since</source>
        <translation>Rückgängig gemacht; {0} Änderungen blieben, weil sie seither erneut geändert wurden</translation>
    </message>
    <message>
        <source>Undone</source>
        <translation>Rückgängig gemacht</translation>
    </message>
    <message>
        <source>one file</source>
        <translation>eine Datei</translation>
    </message>
    <message>
        <source>{0} files</source>
        <translation>{0} Dateien</translation>
    </message>
</context>
<context>
    <name>PerformancePage</name>
    <message>
        <source>Performance</source>
        <translation>Leistung</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>Automatisch</translation>
    </message>
    <message>
        <source>Processor (CPU)</source>
        <translation>Prozessor (CPU)</translation>
    </message>
    <message>
        <source>NVIDIA graphics card (CUDA)</source>
        <translation>NVIDIA-Grafikkarte (CUDA)</translation>
    </message>
    <message>
        <source>Apple graphics (MPS)</source>
        <translation>Apple-Grafik (MPS)</translation>
    </message>
    <message>
        <source>Exact (float32)</source>
        <translation>Genau (float32)</translation>
    </message>
    <message>
        <source>Fast (bfloat16)</source>
        <translation>Schnell (bfloat16)</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>Leeren</translation>
    </message>
    <message>
        <source>Listen with</source>
        <translation>Anhören mit</translation>
    </message>
    <message>
        <source>What the model runs on.</source>
        <translation>Worauf das Modell läuft.</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>Genauigkeit</translation>
    </message>
    <message>
        <source>Threads</source>
        <translation>Threads</translation>
    </message>
    <message>
        <source>Of the processor, for the model.</source>
        <translation>Des Prozessors, für das Modell.</translation>
    </message>
    <message>
        <source>Memory for searching</source>
        <translation>Speicher zum Suchen</translation>
    </message>
    <message>
        <source>A library that needs more is searched on the disk: nearly as exact, and slower at first.</source>
        <translation>Eine Bibliothek, die mehr braucht, wird auf der Platte durchsucht: fast so genau, und anfangs langsamer.</translation>
    </message>
    <message>
        <source>Size of the cache</source>
        <translation>Größe des Zwischenspeichers</translation>
    </message>
    <message>
        <source>Cache</source>
        <translation>Zwischenspeicher</translation>
    </message>
    <message>
        <source>Waveforms and small pictures, kept on the disk so that they appear at once.</source>
        <translation>Wellenformen und kleine Bilder, auf der Platte, damit sie sofort erscheinen.</translation>
    </message>
    <message>
        <source>Apply now</source>
        <translation>Jetzt anwenden</translation>
    </message>
    <message>
        <source>What you changed counts when the library is opened again.</source>
        <translation>Was Sie geändert haben, gilt, sobald die Bibliothek neu geöffnet wird.</translation>
    </message>
</context>
<context>
    <name>PlayerBar</name>
    <message>
        <source>Player</source>
        <translation>Abspieler</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>Abspielen</translation>
    </message>
    <message>
        <source>Space</source>
        <translation>Leertaste</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Shift+Space</source>
        <translation>Umschalt+Leertaste</translation>
    </message>
    <message>
        <source>Loop</source>
        <translation>Schleife</translation>
    </message>
    <message>
        <source>Position</source>
        <translation>Position</translation>
    </message>
    <message>
        <source>Duration</source>
        <translation>Dauer</translation>
    </message>
    <message>
        <source>Drag the sound, or its selected part, to another program; click to save it</source>
        <translation>Den Klang oder den gewählten Ausschnitt in ein anderes Programm ziehen; klicken, um ihn zu speichern</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>Tempo</translation>
    </message>
    <message>
        <source>Pitch</source>
        <translation>Tonhöhe</translation>
    </message>
    <message>
        <source>Speed, at the same pitch</source>
        <translation>Tempo, bei gleicher Tonhöhe</translation>
    </message>
    <message>
        <source>Pitch, at the same speed</source>
        <translation>Tonhöhe, bei gleichem Tempo</translation>
    </message>
    <message>
        <source>Mute</source>
        <translation>Stumm</translation>
    </message>
    <message>
        <source>Volume</source>
        <translation>Lautstärke</translation>
    </message>
    <message>
        <source>Volume (+ and −)</source>
        <translation>Lautstärke (+ und −)</translation>
    </message>
    <message>
        <source>Output device</source>
        <translation>Ausgabegerät</translation>
    </message>
    <message>
        <source>Play what is selected at once</source>
        <translation>Ausgewähltes sofort abspielen</translation>
    </message>
    <message>
        <source>Waveform and spectrogram</source>
        <translation>Wellenform und Spektrogramm</translation>
    </message>
    <message>
        <source>The system&apos;s choice{now}</source>
        <translation>Wie das System{now}</translation>
    </message>
    <message>
        <source>Nothing selected</source>
        <translation>Nichts ausgewählt</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
</context>
<context>
    <name>Popover</name>
    <message>
        <source>Back to {usual}</source>
        <translation>Zurück auf {usual}</translation>
    </message>
</context>
<context>
    <name>PreferencesDialog</name>
    <message>
        <source>Preferences</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Topics</source>
        <translation>Themen</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
</context>
<context>
    <name>RatingStars</name>
    <message>
        <source>Rating: differs</source>
        <translation>Bewertung: verschieden</translation>
    </message>
    <message>
        <source>Rating: none</source>
        <translation>Bewertung: keine</translation>
    </message>
    <message>
        <source>Rating: {0} of 5</source>
        <translation>Bewertung: {0} von 5</translation>
    </message>
    <message>
        <source>{0}. Keys 0 to 5 rate</source>
        <translation>{0}. Tasten 0 bis 5 bewerten</translation>
    </message>
</context>
<context>
    <name>RecordDialog</name>
    <message>
        <source>Record a sound</source>
        <translation>Klang aufnehmen</translation>
    </message>
    <message>
        <source>Hum it, knock on it, or play it from another device: what is like it will be found.</source>
        <translation>Summen Sie ihn, klopfen Sie darauf oder spielen Sie ihn von einem anderen Gerät ab: Ähnliches wird gefunden.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Search with it</source>
        <translation>Damit suchen</translation>
    </message>
    <message>
        <source>Record</source>
        <translation>Aufnehmen</translation>
    </message>
</context>
<context>
    <name>ResultDelegate</name>
    <message>
        <source>Not available</source>
        <translation>Nicht verfügbar</translation>
    </message>
</context>
<context>
    <name>ResultList</name>
    <message>
        <source>Reset columns</source>
        <translation>Spalten zurücksetzen</translation>
    </message>
</context>
<context>
    <name>Results</name>
    <message>
        <source>Results</source>
        <translation>Ergebnisse</translation>
    </message>
</context>
<context>
    <name>ResultsModel</name>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Waveform</source>
        <translation>Wellenform</translation>
    </message>
    <message>
        <source>Match</source>
        <translation>Treffer</translation>
    </message>
    <message>
        <source>Length</source>
        <translation>Länge</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>Tags</source>
        <translation>Schlagwörter</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Rating</source>
        <translation>Bewertung</translation>
    </message>
    <message>
        <source>Sample rate</source>
        <translation>Abtastrate</translation>
    </message>
    <message>
        <source>Channels</source>
        <translation>Kanäle</translation>
    </message>
    <message>
        <source>Bits</source>
        <translation>Bits</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>Art</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Modified</source>
        <translation>Geändert</translation>
    </message>
    <message>
        <source>Sound</source>
        <translation>Klang</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>Text</translation>
    </message>
    <message>
        <source>Mono</source>
        <translation>Mono</translation>
    </message>
    <message>
        <source>Stereo</source>
        <translation>Stereo</translation>
    </message>
    <message>
        <source>matches {0}</source>
        <translation>passt zu {0}</translation>
    </message>
    <message>
        <source>its drive is not connected</source>
        <translation>sein Laufwerk ist nicht verbunden</translation>
    </message>
    <message>
        <source>could not be read</source>
        <translation>nicht lesbar</translation>
    </message>
</context>
<context>
    <name>ResultsPane</name>
    <message>
        <source>Size of the cards</source>
        <translation>Größe der Karten</translation>
    </message>
    <message>
        <source>Size of the cards (Ctrl and the wheel)</source>
        <translation>Größe der Karten (Strg und Mausrad)</translation>
    </message>
    <message>
        <source>{0} selected</source>
        <translation>{0} ausgewählt</translation>
    </message>
    <message>
        <source>{0}. These come closest.</source>
        <translation>{0}. Diese kommen am nächsten.</translation>
    </message>
    <message>
        <source>Nothing in this library matches “{0}”</source>
        <translation>Nichts in dieser Bibliothek passt zu „{0}“</translation>
    </message>
    <message>
        <source>Try other or fewer words, describe the sound itself, or drop a sound or a picture that is like it.</source>
        <translation>Versuchen Sie andere oder weniger Wörter, beschreiben Sie den Klang selbst, oder ziehen Sie einen ähnlichen Klang oder ein Bild hierher.</translation>
    </message>
    <message>
        <source>Clear the search</source>
        <translation>Suche leeren</translation>
    </message>
    <message>
        <source>The filters leave nothing</source>
        <translation>Die Filter lassen nichts übrig</translation>
    </message>
    <message>
        <source>There are results, but none that the filters at the side let through.</source>
        <translation>Es gibt Ergebnisse, aber keine, die die Filter an der Seite durchlassen.</translation>
    </message>
    <message>
        <source>Clear the filters</source>
        <translation>Filter leeren</translation>
    </message>
    <message>
        <source>Sounds and pictures appear here as they are read. You can search right away.</source>
        <translation>Klänge und Bilder erscheinen hier, sobald sie gelesen sind. Sie können gleich suchen.</translation>
    </message>
    <message>
        <source>Still reading your folders</source>
        <translation>Ihre Ordner werden noch gelesen</translation>
    </message>
    <message>
        <source>Choose folders with sounds and pictures, or drop them on this window.</source>
        <translation>Wählen Sie Ordner mit Klängen und Bildern, oder ziehen Sie sie auf dieses Fenster.</translation>
    </message>
    <message>
        <source>No files yet</source>
        <translation>Noch keine Dateien</translation>
    </message>
    <message>
        <source>Add a folder…</source>
        <translation>Ordner hinzufügen…</translation>
    </message>
    <message>
        <source>The search did not work</source>
        <translation>Die Suche hat nicht funktioniert</translation>
    </message>
    <message>
        <source>The library could not be opened</source>
        <translation>Die Bibliothek konnte nicht geöffnet werden</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Noch einmal versuchen</translation>
    </message>
</context>
<context>
    <name>RowActions</name>
    <message>
        <source>Play</source>
        <translation>Abspielen</translation>
    </message>
    <message>
        <source>More like this</source>
        <translation>Mehr davon</translation>
    </message>
    <message>
        <source>Less like this</source>
        <translation>Weniger davon</translation>
    </message>
    <message>
        <source>Favourite</source>
        <translation>Favorit</translation>
    </message>
    <message>
        <source>Add tag…</source>
        <translation>Schlagwort hinzufügen…</translation>
    </message>
    <message>
        <source>Add to collection…</source>
        <translation>Zu Sammlung hinzufügen…</translation>
    </message>
    <message>
        <source>Copy path</source>
        <translation>Pfad kopieren</translation>
    </message>
    <message>
        <source>Open in default app</source>
        <translation>Mit Standardprogramm öffnen</translation>
    </message>
    <message>
        <source>Open with…</source>
        <translation>Öffnen mit…</translation>
    </message>
    <message>
        <source>Export region…</source>
        <translation>Ausschnitt exportieren…</translation>
    </message>
    <message>
        <source>Copy to folder…</source>
        <translation>In Ordner kopieren…</translation>
    </message>
    <message>
        <source>Save as playlist…</source>
        <translation>Als Wiedergabeliste speichern…</translation>
    </message>
    <message>
        <source>Rate</source>
        <translation>Bewerten</translation>
    </message>
    <message>
        <source>Remove from favourites</source>
        <translation>Aus Favoriten entfernen</translation>
    </message>
    <message>
        <source>No rating</source>
        <translation>Keine Bewertung</translation>
    </message>
    <message>
        <source>Reveal in Finder</source>
        <translation>Im Finder zeigen</translation>
    </message>
    <message>
        <source>Show in Explorer</source>
        <translation>Im Explorer zeigen</translation>
    </message>
    <message>
        <source>Show in file manager</source>
        <translation>In der Dateiverwaltung zeigen</translation>
    </message>
    <message>
        <source>There is no file manager that shows it. Its path can be copied instead.</source>
        <translation>Keine Dateiverwaltung zeigt sie. Stattdessen lässt sich der Pfad kopieren.</translation>
    </message>
    <message>
        <source>No program opens it. Choose one with “Open with…”.</source>
        <translation>Kein Programm öffnet sie. Wählen Sie eines mit „Öffnen mit…“.</translation>
    </message>
    <message>
        <source>Open with</source>
        <translation>Öffnen mit</translation>
    </message>
    <message>
        <source>{0} could not be started. Choose another program.</source>
        <translation>{0} ließ sich nicht starten. Wählen Sie ein anderes Programm.</translation>
    </message>
    <message>
        <source>Export region to</source>
        <translation>Ausschnitt exportieren nach</translation>
    </message>
    <message>
        <source>Copy files to</source>
        <translation>Dateien kopieren nach</translation>
    </message>
    <message>
        <source>Save as playlist</source>
        <translation>Als Wiedergabeliste speichern</translation>
    </message>
    <message>
        <source>Playlists (*.m3u8)</source>
        <translation>Wiedergabelisten (*.m3u8)</translation>
    </message>
</context>
<context>
    <name>SearchBar</name>
    <message>
        <source>Search by words, drop a picture or a sound…</source>
        <translation>Nach Worten suchen, Bild oder Klang hierher ziehen…</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Suche</translation>
    </message>
    <message>
        <source>Save this search</source>
        <translation>Suche speichern</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Speichern</translation>
    </message>
    <message>
        <source>Search with a picture</source>
        <translation>Mit einem Bild suchen</translation>
    </message>
    <message>
        <source>Pictures ({patterns})</source>
        <translation>Bilder ({patterns})</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Clear the search</source>
        <translation>Suche leeren</translation>
    </message>
    <message>
        <source>Record a sound and search with it</source>
        <translation>Einen Klang aufnehmen und damit suchen</translation>
    </message>
    <message>
        <source>Saved as “{name}”</source>
        <translation>Gespeichert als „{name}“</translation>
    </message>
</context>
<context>
    <name>Settings</name>
    <message>
        <source>your settings can’t be written</source>
        <translation>Ihre Einstellungen können nicht geschrieben werden</translation>
    </message>
    <message>
        <source>Free some space on that disk, and see that you may write there; until then they count only while the app runs</source>
        <translation>Schaffen Sie Platz auf diesem Datenträger und prüfen Sie, ob Sie dort schreiben dürfen; bis dahin gelten sie nur, solange die App läuft</translation>
    </message>
</context>
<context>
    <name>ShortcutsSheet</name>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>Look up</source>
        <translation>Nachschlagen</translation>
    </message>
    <message>
        <source>Look up a shortcut</source>
        <translation>Tastenkürzel nachschlagen</translation>
    </message>
    <message>
        <source>No shortcut is called that.</source>
        <translation>Kein Tastenkürzel heißt so.</translation>
    </message>
</context>
<context>
    <name>Sidebar</name>
    <message>
        <source>Places</source>
        <translation>Orte</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>All files</source>
        <translation>Alle Dateien</translation>
    </message>
    <message>
        <source>Favourites</source>
        <translation>Favoriten</translation>
    </message>
    <message>
        <source>Map</source>
        <translation>Karte</translation>
    </message>
    <message>
        <source>Duplicates</source>
        <translation>Duplikate</translation>
    </message>
    <message>
        <source>Library</source>
        <translation>Bibliothek</translation>
    </message>
    <message>
        <source>Collections</source>
        <translation>Sammlungen</translation>
    </message>
    <message>
        <source>Saved searches</source>
        <translation>Gespeicherte Suchen</translation>
    </message>
    <message>
        <source>Recent</source>
        <translation>Zuletzt</translation>
    </message>
</context>
<context>
    <name>SoundView</name>
    <message>
        <source>Waveform and spectrogram</source>
        <translation>Wellenform und Spektrogramm</translation>
    </message>
    <message>
        <source>Opening…</source>
        <translation>Öffnet…</translation>
    </message>
    <message>
        <source>Zoom out (Down)</source>
        <translation>Verkleinern (Ab)</translation>
    </message>
    <message>
        <source>Zoom in (Up)</source>
        <translation>Vergrößern (Auf)</translation>
    </message>
    <message>
        <source>Show all (Home)</source>
        <translation>Alles zeigen (Pos1)</translation>
    </message>
    <message>
        <source>Close (Esc)</source>
        <translation>Schließen (Esc)</translation>
    </message>
    <message>
        <source>Select a sound to see it here</source>
        <translation>Wählen Sie einen Klang, um ihn hier zu sehen</translation>
    </message>
</context>
<context>
    <name>SuggestionPopup</name>
    <message>
        <source>Suggestions</source>
        <translation>Vorschläge</translation>
    </message>
</context>
<context>
    <name>Suggestions</name>
    <message>
        <source>Confirm all</source>
        <translation>Alle bestätigen</translation>
    </message>
    <message>
        <source>{0} more</source>
        <translation>{0} weitere</translation>
    </message>
</context>
<context>
    <name>Summary</name>
    <message>
        <source>List</source>
        <translation>Liste</translation>
    </message>
    <message>
        <source>Grid</source>
        <translation>Raster</translation>
    </message>
    <message>
        <source>Map</source>
        <translation>Karte</translation>
    </message>
    <message>
        <source>Duplicates</source>
        <translation>Duplikate</translation>
    </message>
</context>
<context>
    <name>TermChip</name>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>Sound</source>
        <translation>Klang</translation>
    </message>
    <message>
        <source>Like</source>
        <translation>Ähnlich</translation>
    </message>
    <message>
        <source>less like this</source>
        <translation>weniger davon</translation>
    </message>
    <message>
        <source>more like this</source>
        <translation>mehr davon</translation>
    </message>
    <message>
        <source>Remove {name}</source>
        <translation>{name} entfernen</translation>
    </message>
    <message>
        <source>How much it counts</source>
        <translation>Wie viel es zählt</translation>
    </message>
</context>
<context>
    <name>Tray</name>
    <message>
        <source>Show the window</source>
        <translation>Fenster zeigen</translation>
    </message>
    <message>
        <source>Pause indexing</source>
        <translation>Aufnahme pausieren</translation>
    </message>
    <message>
        <source>Resume indexing</source>
        <translation>Aufnahme fortsetzen</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>{stage}, {done} of {total}</source>
        <translation>{stage}, {done} von {total}</translation>
    </message>
    <message>
        <source>Indexing is paused</source>
        <translation>Die Aufnahme ist pausiert</translation>
    </message>
</context>
<context>
    <name>WaveformStrip</name>
    <message>
        <source>Waveform</source>
        <translation>Wellenform</translation>
    </message>
    <message>
        <source>Click to seek. Drag to select a part; drag the part to take it out. Double-click to select all.</source>
        <translation>Klicken zum Springen. Ziehen wählt einen Ausschnitt; den Ausschnitt ziehen, um ihn mitzunehmen. Doppelklick wählt alles.</translation>
    </message>
    <message>
        <source>At {position} of {duration}</source>
        <translation>Bei {position} von {duration}</translation>
    </message>
    <message>
        <source>, from {start} to {end} selected</source>
        <translation>, von {start} bis {end} ausgewählt</translation>
    </message>
</context>
<context>
    <name>Welcome</name>
    <message>
        <source>Drop folders here</source>
        <translation>Ordner hierher ziehen</translation>
    </message>
    <message>
        <source>Choose folders…</source>
        <translation>Ordner wählen…</translation>
    </message>
    <message>
        <source>Start listening</source>
        <translation>Anhören beginnen</translation>
    </message>
    <message>
        <source>Find the sound you mean</source>
        <translation>Finden Sie den Klang, den Sie meinen</translation>
    </message>
    <message>
        <source>Choose where your sounds are. Each is listened to once; then you find it by describing it, by a picture, or by another sound.</source>
        <translation>Wählen Sie, wo Ihre Klänge sind. Jeder wird einmal angehört; dann finden Sie ihn, indem Sie ihn beschreiben, mit einem Bild oder einem anderen Klang.</translation>
    </message>
    <message>
        <source>Everything stays on this computer. Nothing is uploaded or changed.</source>
        <translation>Alles bleibt auf diesem Rechner. Nichts wird hochgeladen oder verändert.</translation>
    </message>
    <message>
        <source>Choose a folder with sounds</source>
        <translation>Ordner mit Klängen wählen</translation>
    </message>
    <message>
        <source>Preparing…</source>
        <translation>Bereitet vor…</translation>
    </message>
    <message>
        <source>Perhaps here:</source>
        <translation>Vielleicht hier:</translation>
    </message>
    <message>
        <source>Add {folder}</source>
        <translation>{folder} hinzufügen</translation>
    </message>
    <message>
        <source>Leave out {folder}</source>
        <translation>{folder} auslassen</translation>
    </message>
    <message>
        <source>Leave out</source>
        <translation>Auslassen</translation>
    </message>
</context>
<context>
    <name>Window</name>
    <message>
        <source>Add tags</source>
        <translation>Schlagwörter hinzufügen</translation>
    </message>
    <message>
        <source>Tags, with commas between</source>
        <translation>Schlagwörter, mit Kommas dazwischen</translation>
    </message>
    <message>
        <source>Add to a collection</source>
        <translation>Zu einer Sammlung hinzufügen</translation>
    </message>
    <message>
        <source>The collection&apos;s name</source>
        <translation>Name der Sammlung</translation>
    </message>
    <message>
        <source>Saved: {where}</source>
        <translation>Gespeichert: {where}</translation>
    </message>
</context>
<context>
    <name>Wording</name>
    <message>
        <source>1 file</source>
        <translation>1 Datei</translation>
    </message>
    <message>
        <source>{count} files</source>
        <translation>{count} Dateien</translation>
    </message>
    <message>
        <source>{size} KB</source>
        <translation>{size} KB</translation>
    </message>
    <message>
        <source>{size} MB</source>
        <translation>{size} MB</translation>
    </message>
    <message>
        <source>{size} GB</source>
        <translation>{size} GB</translation>
    </message>
    <message>
        <source>{number} files/s</source>
        <translation>{number} Dateien/s</translation>
    </message>
    <message>
        <source>a few seconds left</source>
        <translation>noch ein paar Sekunden</translation>
    </message>
    <message>
        <source>{number} s left</source>
        <translation>noch {number} s</translation>
    </message>
    <message>
        <source>{number} min left</source>
        <translation>noch {number} min</translation>
    </message>
    <message>
        <source>{number} h left</source>
        <translation>noch {number} h</translation>
    </message>
    <message>
        <source>Waiting for another program</source>
        <translation>Wartet auf ein anderes Programm</translation>
    </message>
    <message>
        <source>Looking for files</source>
        <translation>Sucht Dateien</translation>
    </message>
    <message>
        <source>Listening</source>
        <translation>Hört an</translation>
    </message>
    <message>
        <source>Forgetting what is gone</source>
        <translation>Vergisst, was fehlt</translation>
    </message>
    <message>
        <source>Reading descriptions</source>
        <translation>Liest Beschreibungen</translation>
    </message>
    <message>
        <source>Building the search index</source>
        <translation>Baut den Suchindex</translation>
    </message>
    <message>
        <source>Taking fingerprints</source>
        <translation>Nimmt Fingerabdrücke</translation>
    </message>
    <message>
        <source>Comparing</source>
        <translation>Vergleicht</translation>
    </message>
    <message>
        <source>Up to date</source>
        <translation>Aktuell</translation>
    </message>
</context>
<context>
    <name>WriteTagsDialog</name>
    <message>
        <source>Write tags into files</source>
        <translation>Schlagwörter in Dateien schreiben</translation>
    </message>
    <message>
        <source>Confirmed tags become keywords in the files’ own metadata, where other programs find them. Nothing else in a file changes, and undo gives back the original.</source>
        <translation>Bestätigte Schlagwörter werden zu Stichwörtern in den Metadaten der Dateien, wo andere Programme sie finden. Sonst ändert sich nichts, und Rückgängig gibt das Original zurück.</translation>
    </message>
    <message>
        <source>Also suggestions on which nobody has decided</source>
        <translation>Auch Vorschläge, über die noch nicht entschieden ist</translation>
    </message>
    <message>
        <source>Write</source>
        <translation>Schreiben</translation>
    </message>
    <message>
        <source>One file would change</source>
        <translation>Eine Datei würde geändert</translation>
    </message>
    <message>
        <source>One file has new keywords</source>
        <translation>Eine Datei hat neue Stichwörter</translation>
    </message>
    <message>
        <source>{0} files would change</source>
        <translation>{0} Dateien würden sich ändern</translation>
    </message>
    <message>
        <source>{0} files have new keywords</source>
        <translation>{0} Dateien haben neue Stichwörter</translation>
    </message>
    <message>
        <source>{0} can’t be written</source>
        <translation>{0} lassen sich nicht schreiben</translation>
    </message>
    <message>
        <source>{0} have them already</source>
        <translation>{0} haben sie schon</translation>
    </message>
    <message>
        <source>stopped before the end</source>
        <translation>vor dem Ende angehalten</translation>
    </message>
</context>
<context>
    <name>_DropZone</name>
    <message>
        <source>or</source>
        <translation>oder</translation>
    </message>
</context>
<context>
    <name>_Line</name>
    <message>
        <source>Confirm {0}</source>
        <translation>{0} bestätigen</translation>
    </message>
    <message>
        <source>Reject {0}</source>
        <translation>{0} ablehnen</translation>
    </message>
</context>
</TS>
